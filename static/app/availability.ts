import type { ParleyClient } from "../sdk/mod.ts";

const AWAY_AFTER_MS = 5 * 60_000;

/** Tells the others that this page has not been looked at for a while, and when it is again. Returns how to stop it. */
export function watchAvailability(client: ParleyClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") {
      client.setAvailability("online");
      // Who comes back to the page does not want to wait for the next try.
      if (client.state.name === "waiting") client.retryNow();
    } else timer = setTimeout(() => client.setAvailability("away"), AWAY_AFTER_MS);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
