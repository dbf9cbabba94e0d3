/** Where a Redis is, and how to come in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** What the names of all keys and channels begin with. */
  readonly prefix: string;
  /** The files, in PEM, of a certificate to show and of its private key. */
  readonly files: { readonly cert: string; readonly key: string } | undefined;
  /** Whether the query engine is to be used, where there is one. */
  readonly hasIndex: boolean;
}

const EXAMPLE = "redis://user:password@host:6379/0?prefix=parley:";
const DEFAULT_PREFIX = "parley:";
const OPTIONS = ["prefix", "cert", "key", "index"];

/**
 * Reads the address of a Redis: `redis://` or, for TLS, `rediss://`.
 *
 * @throws {Error} If it is none; the message is one sentence, without what may be a password
 */
export function parseRedisAddress(text: string): RedisAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong("it is no URL");
  }
  const { protocol, hostname, port, username, password, pathname, searchParams } = url;
  if (protocol !== "redis:" && protocol !== "rediss:") {
    throw wrong("it must begin with redis:// or rediss://");
  }
  if (hostname === "") throw wrong("the host is missing");
  if (!/^\/?\d*$/.test(pathname)) throw wrong("the path must be the number of a database");
  for (const name of searchParams.keys()) {
    if (!OPTIONS.includes(name)) throw wrong(`it takes prefix, cert, key and index only, and has "${name}"`);
  }
  const prefix = searchParams.get("prefix") ?? DEFAULT_PREFIX;
  // Braces would take over what decides where keys lie; the others would be read as patterns.
  if (!/^[\w:.\-/]*$/.test(prefix)) throw wrong("the prefix may hold letters, digits and _ : . - / only");
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? 6379 : Number(port),
    isEncrypted: protocol === "rediss:",
    username: decoded(username),
    password: decoded(password),
    database: Number(pathname.slice(1)),
    prefix,
    files: filesOf(protocol, searchParams),
    hasIndex: hasIndexOf(searchParams),
  };
}

/** The address for people: nothing in it is secret. */
export function describeAddress({ host, port, isEncrypted, database }: RedisAddress): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${isEncrypted ? "rediss" : "redis"}://${name}:${port}${database === 0 ? "" : `/${database}`}`;
}

function filesOf(protocol: string, options: URLSearchParams): RedisAddress["files"] {
  const [cert, key] = [options.get("cert"), options.get("key")];
  if (cert === null && key === null) return undefined;
  if (!cert || !key) throw wrong("cert and key name a file each, and go together");
  if (protocol !== "rediss:") throw wrong("cert and key are for rediss://");
  return { cert, key };
}

function hasIndexOf(options: URLSearchParams): boolean {
  const index = options.get("index");
  if (index !== null && index !== "off") throw wrong("index can only be off");
  return index === null;
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong("user and password must be percent-encoded");
  }
}

function wrong(why: string): Error {
  return new Error(`Cannot read the address of Redis: ${why}, as in ${EXAMPLE}`);
}
