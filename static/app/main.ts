import { addressOf, readAddress } from "./address.ts";
import { startLanguage, words } from "./i18n.ts";
import { forgetSession, loadSession, readToken, saveSession, type Session } from "./session.ts";
import { type SignInNote, SignInPage } from "./sign_in.ts";
import { type End, Workspace } from "./workspace.ts";

const root = document.getElementById("app")!;
let workspace: Workspace | undefined;

/** Takes a token out of the address before anything else can see it there. */
function takeTokenFromAddress(): void {
  const url = new URL(location.href);
  const { token, roomId } = readAddress(url);
  if (token === undefined) return;
  history.replaceState(null, "", addressOf(url, roomId));
  saveSession({ token, guest: false, ...readToken(token) });
}

function start(): void {
  workspace?.close();
  workspace = undefined;
  takeTokenFromAddress();
  const session = loadSession();
  if (session) work(session);
  else signIn();
}

function work(session: Session): void {
  saveSession(session);
  workspace = new Workspace({ root, session, end, restart: start });
}

function end(why: End): void {
  forgetSession();
  workspace?.close();
  workspace = undefined;
  const { signedOut, tokenRefused, sessionEnded } = words();
  if (why === "signed_out") signIn({ text: signedOut, tone: "info" });
  else signIn({ text: why === "token_refused" ? tokenRefused : sessionEnded, tone: "error" });
}

function signIn(note?: SignInNote): void {
  document.title = "Parley";
  const page = new SignInPage({ note, done: work, redraw: () => signIn() });
  root.replaceChildren(page.element);
  page.focus();
}

await startLanguage();
globalThis.addEventListener("hashchange", () => {
  // A link with a token can also be followed while signed out; signed in, the workspace sees it.
  if (!workspace) start();
});
start();
