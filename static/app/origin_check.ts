/**
 * Whether the server turns away pages of this address. A browser does not say why a socket was refused, and puts the
 * address of the page into a request to its own server only if that is neither GET nor HEAD.
 */
export async function isOriginRefused(): Promise<boolean> {
  try {
    const answer = await fetch(new URL("api/token", document.baseURI), { method: "OPTIONS" });
    // A proxy that lets no OPTIONS pass does not answer in the server's words.
    return answer.status === 403 && (await answer.json()).code === "forbidden";
  } catch {
    return false;
  }
}
