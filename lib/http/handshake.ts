/** RFC 6455 §4.1: the key is 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** Whether a request asks for a WebSocket at all, well or badly. */
export function wantsUpgrade(headers: Headers): boolean {
  return listTokens(headers.get("upgrade")).includes("websocket");
}

/**
 * Checks an opening handshake as RFC 6455 §4.2.1 says; the runtime takes almost anything for one.
 *
 * Returns the answer for one that is refused: 405, 400, or 426 with the version that is understood.
 */
export function checkHandshake(request: Request): Response | undefined {
  const { method, headers } = request;
  if (method !== "GET") {
    return new Response("Use GET to open a WebSocket", { status: 405, headers: { allow: "GET" } });
  }
  if (!headers.get("host")) return new Response("The Host header must name the server", { status: 400 });
  if (!listTokens(headers.get("connection")).includes("upgrade")) {
    return new Response("The Connection header must hold Upgrade", { status: 400 });
  }
  if (headers.get("sec-websocket-version") !== "13") {
    const answer = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" };
    return new Response("The WebSocket version must be 13", { status: 426, headers: answer });
  }
  if (!KEY.test(headers.get("sec-websocket-key") ?? "")) {
    return new Response("The Sec-WebSocket-Key header must hold 16 bytes in base64", { status: 400 });
  }
}

/** The entries of a comma-separated header, in lower case. */
function listTokens(header: string | null): string[] {
  return (header ?? "").toLowerCase().split(",").map((token) => token.trim());
}
