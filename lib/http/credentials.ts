/** What an upgrade request says of who asks and how they want to talk. */
export interface Credentials {
  /** The token, `undefined` if there is none, `"conflict"` if there are two different ones. */
  readonly token: string | undefined | "conflict";
  /** Whether the client offers the subprotocol. */
  readonly speaksParley: boolean;
}

/** The subprotocol this server selects when it is offered. */
export const SUBPROTOCOL = "parley.v1";
const BEARER_PROTOCOL = "bearer.";

/** Reads the token from the subprotocols, the Authorization header, or the query, in that order. */
export function readCredentials(headers: Headers, url: URL): Credentials {
  // RFC 6455 §11.3.4: a comma-separated list, with or without blanks.
  const protocols = (headers.get("sec-websocket-protocol") ?? "").split(",").map((protocol) =>
    protocol.trim()
  );
  const inProtocols = protocols.filter((protocol) => protocol.startsWith(BEARER_PROTOCOL))
    .map((protocol) => protocol.slice(BEARER_PROTOCOL.length));
  const tokens = [...inProtocols, readBearer(headers), ...url.searchParams.getAll("token")].filter(Boolean);
  const isConflict = new Set(tokens).size > 1;
  return { token: isConflict ? "conflict" : tokens[0], speaksParley: protocols.includes(SUBPROTOCOL) };
}

/** Reads `Authorization: Bearer …` (RFC 6750 §2.1). */
export function readBearer(headers: Headers): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}
