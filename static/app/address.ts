/** What the address bar can ask for: `#token=…&room=…`, `?room=…` or `#search`. */
export type Address = { token?: string; roomId?: string; isSearch?: true };

/** The link that shows the search. */
export const SEARCH_LINK = "#search";

/** Reads the address; the part after `#` wins over the query. */
export function readAddress(url: URL): Address {
  // A "+" typed after "#" is a plus sign; only queries use it for a blank.
  const fragment = new URLSearchParams(url.hash.slice(1).replaceAll("+", "%2B"));
  const token = fragment.get("token") ?? undefined;
  const roomId = fragment.get("room") ?? url.searchParams.get("room") ?? undefined;
  const isSearch = url.hash === SEARCH_LINK;
  return { ...(token ? { token } : {}), ...(roomId ? { roomId } : {}), ...(isSearch ? { isSearch } : {}) };
}

/** The link that opens a room on this page. */
export function roomLink(roomId: string): string {
  return `#room=${encodeURIComponent(roomId)}`;
}

/** The address that shows this room, or none, without token or query. */
export function addressOf(url: URL, roomId: string | undefined): string {
  return url.pathname + (roomId === undefined ? "" : roomLink(roomId));
}
