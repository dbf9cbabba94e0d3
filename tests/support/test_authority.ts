/** A certificate and its private key, both as PEM. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says, where it is not what a server of this machine needs. */
export interface CertificateOptions {
  /** The only name it is for; `localhost` and 127.0.0.1 unless given. */
  readonly name?: string;
  /** Whether it has run out. */
  readonly isExpired?: boolean;
}

const DAY_MS = 86_400_000;
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;

// Tags of DER, ITU-T X.690.
const [BOOLEAN, INTEGER, BITS, OCTETS, OID, UTF8, TIME, SEQUENCE, SET] = [1, 2, 3, 4, 6, 12, 23, 48, 49];
const OPTIONAL_0 = 0xa0;
const OPTIONAL_3 = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
// Object identifiers, RFC 5280 and RFC 5758, as they stand in DER.
const COMMON_NAME = [0x55, 4, 3];
const BASIC_CONSTRAINTS = [0x55, 0x1d, 19];
const SUBJECT_ALTERNATIVE_NAME = [0x55, 0x1d, 17];
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/** Whoever certifies servers, as a company does for its own: trusted only by those who are told to. */
export class TestAuthority {
  /** What is to be trusted, as PEM. */
  readonly certificate: string;
  readonly #name: string;
  readonly #keys: CryptoKeyPair;

  private constructor(name: string, keys: CryptoKeyPair, certificate: string) {
    this.#name = name;
    this.#keys = keys;
    this.certificate = certificate;
  }

  static async make(): Promise<TestAuthority> {
    const name = `authority ${crypto.randomUUID()}`;
    const keys = await makeKeys();
    const isAuthority = der(SEQUENCE, der(BOOLEAN, [0xff]));
    const extension = der(
      SEQUENCE,
      der(OID, BASIC_CONSTRAINTS),
      der(BOOLEAN, [0xff]),
      der(OCTETS, isAuthority),
    );
    const certificate = await certify(name, keys.privateKey, name, keys.publicKey, extension, false);
    return new TestAuthority(name, keys, certificate);
  }

  /** Certifies a server. */
  async certify({ name, isExpired = false }: CertificateOptions = {}): Promise<Certified> {
    const keys = await makeKeys();
    const names = name === undefined
      ? [der(DNS_NAME, text("localhost")), der(IP_ADDRESS, [127, 0, 0, 1])]
      : [der(DNS_NAME, text(name))];
    const extension = der(SEQUENCE, der(OID, SUBJECT_ALTERNATIVE_NAME), der(OCTETS, der(SEQUENCE, ...names)));
    const { privateKey } = this.#keys;
    const certificate = await certify(this.#name, privateKey, "server", keys.publicKey, extension, isExpired);
    const key = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
    return { certificate, key: toPem("PRIVATE KEY", key) };
  }
}

async function makeKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
}

/** A certificate of version 3, RFC 5280 §4.1. */
async function certify(
  issuer: string,
  issuerKey: CryptoKey,
  subject: string,
  subjectKey: CryptoKey,
  extension: Uint8Array,
  isExpired: boolean,
): Promise<string> {
  const algorithm = der(SEQUENCE, der(OID, ECDSA_WITH_SHA256));
  const until = Date.now() + (isExpired ? -DAY_MS : DAY_MS);
  const body = der(
    SEQUENCE,
    der(OPTIONAL_0, der(INTEGER, [2])),
    der(INTEGER, [1, ...crypto.getRandomValues(new Uint8Array(8))]),
    algorithm,
    named(issuer),
    der(SEQUENCE, time(until - 3 * DAY_MS), time(until)),
    named(subject),
    new Uint8Array(await crypto.subtle.exportKey("spki", subjectKey)),
    der(OPTIONAL_3, der(SEQUENCE, extension)),
  );
  const signed = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, issuerKey, body);
  const half = signed.byteLength / 2;
  const signature = der(SEQUENCE, positive(signed.slice(0, half)), positive(signed.slice(half)));
  return toPem("CERTIFICATE", der(SEQUENCE, body, algorithm, der(BITS, [0], signature)));
}

function der(tag: number, ...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const content = parts.flatMap((part) => Array.from(part));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return new Uint8Array([tag, ...size, ...content]);
}

function named(name: string): Uint8Array {
  return der(SEQUENCE, der(SET, der(SEQUENCE, der(OID, COMMON_NAME), der(UTF8, text(name)))));
}

function time(at: number): Uint8Array {
  return der(TIME, text(`${new Date(at).toISOString().slice(2, 19).replace(/[-T:]/g, "")}Z`));
}

/** A number that is above zero, as short as it goes. */
function positive(buffer: ArrayBuffer): Uint8Array {
  const bytes = new Uint8Array(buffer);
  const start = bytes.findIndex((byte) => byte !== 0);
  return der(INTEGER, bytes[start] < 128 ? [] : [0], bytes.subarray(start));
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

function toPem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
