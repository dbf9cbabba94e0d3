/**
 * Prints the command-line flags that make Deno use the npm set, or nothing when the JSR packages of `deno.json` can
 * be had; every task runs with what this prints. `DEPS=jsr` and `DEPS=npm` decide without looking.
 */
import { relative } from "node:path";
import config from "../../deno.json" with { type: "json" };

type Source = "jsr" | "npm";

/** Enough for packages that are cached. */
const CACHE_LIMIT_MS = 400;

/** How much longer JSR may take to give a sign of life. */
const PROBE_LIMIT_MS = 2000;

const HOUR_MS = 60 * 60 * 1000;

/** Remembers when JSR last gave none; Deno keeps it in its cache folder, for this project only. */
const SILENT_AT = "parley.jsr_silent_at";

async function chooseSource(): Promise<Source | undefined> {
  const wanted = Deno.env.get("DEPS") || "auto";
  if (wanted === "jsr" || wanted === "npm") return wanted;
  if (wanted === "auto") return await probe();
  console.error(`Cannot choose dependencies: DEPS must be jsr, npm or auto: received "${wanted}"`);
}

/**
 * Loads the JSR packages: that takes milliseconds when they are cached, else it is the download that the task needs
 * anyway. A network that drops packets lets it hang rather than fail, hence the limits.
 */
async function probe(): Promise<Source> {
  const loading = Promise.all(jsrSpecifiers().map((specifier) => import(specifier)));
  const outcome = await Promise.race([
    loading.then(() => "loaded", () => "failed"),
    new Promise((resolve) => setTimeout(() => resolve("still loading"), CACHE_LIMIT_MS)),
  ]);
  if (outcome === "loaded") return "jsr";
  if (outcome === "still loading" && !wasSilentLately() && await givesSignOfLife()) return "jsr";
  console.error(
    "JSR is out of reach: using the npm set of lib/without_jsr (DEPS=npm says so without looking).",
  );
  return "npm";
}

function wasSilentLately(): boolean {
  return Date.now() - Number(localStorage.getItem(SILENT_AT)) < HOUR_MS;
}

async function givesSignOfLife(): Promise<boolean> {
  const address = new URL("@std/assert/meta.json", Deno.env.get("JSR_URL") || "https://jsr.io/");
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    return response.ok;
  } catch {
    localStorage.setItem(SILENT_AT, String(Date.now()));
    return false;
  }
}

function jsrSpecifiers(): string[] {
  return Object.entries(config.imports)
    .filter(([, target]) => target.startsWith("jsr:"))
    .map(([specifier]) => specifier);
}

function flagsFor(source: Source | undefined): string {
  if (source === "jsr") return "";
  // A task goes on when a program in $(…) fails; a flag that does not exist stops it.
  if (source === undefined) return "--no-such-dependencies";
  const here = relative(Deno.cwd(), import.meta.dirname ?? ".").replaceAll("\\", "/") || ".";
  return `--import-map=${here}/import_map.json --lock=${here}/deno.lock`;
}

if (import.meta.main) {
  const source = await chooseSource();
  const flags = flagsFor(source);
  if (flags) console.log(flags);
  // A download that is still under way would keep the process alive.
  Deno.exit(source ? 0 : 1);
}
