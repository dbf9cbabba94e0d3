import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Config } from "../config.ts";
import { type Check, failure, type Finding, ok, warning } from "./checks.ts";

/** The version that everything is tried with. */
const TESTED_DENO = [2, 9] as const;
const GIB = 2 ** 30;
const ENOUGH_BYTES = GIB;
const TOO_FEW_BYTES = 100 * 2 ** 20;
/** A clock that shows an earlier time was never set. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
/** Some files are open without a connection; beyond this share the runtime may cease to accept. */
const USABLE_SHARE = 0.8;

/** Looks at what the machine offers. */
export function machineChecks(config: Config): Check[] {
  const folders = new Set(
    [storeFolder(config.store), config.filesDir].filter((folder) => folder !== undefined),
  );
  return [
    () => checkDeno(Deno.version.deno),
    () => checkPackages(import.meta.resolve("djwt")),
    () => checkClock(Date.now()),
    () => checkCores(navigator.hardwareConcurrency, config.workers),
    async () => checkFiles(await readFileLimit(), config.maxConnections),
    ...[...folders].flatMap((folder): Check[] => [
      () => checkFolder(folder),
      () => checkDisk(folder, freeBytes(existingFolder(folder))),
    ]),
  ];
}

/** Says whether this is a version of Deno that the server is tried with. */
export function checkDeno(version: string): Finding {
  const [major, minor] = version.split(".").map(Number);
  const [testedMajor, testedMinor] = TESTED_DENO;
  const isOld = major < testedMajor || major === testedMajor && minor < testedMinor;
  if (isOld) {
    return warning(`Deno ${version} is older than ${TESTED_DENO.join(".")}, which everything is tried with`);
  }
  return ok(`Deno ${version}`);
}

/** Says which set of packages is in use. */
export function checkPackages(djwt: string): Finding {
  return ok(
    djwt.startsWith("jsr:") ? "Packages come from JSR" : "Packages come from npm, as JSR is out of reach",
  );
}

/** Says whether the clock can be right; tokens end by it. */
export function checkClock(now: number): Finding {
  const time = new Date(now).toISOString();
  return now < EARLIEST_MS
    ? failure(`The clock says ${time}: it was never set`)
    : ok(`The clock says ${time}`);
}

/** Holds the workers against the cores there are for them. */
export function checkCores(cores: number, workers: number): Finding {
  const here = `this machine has ${cores} ${cores === 1 ? "core" : "cores"}`;
  if (workers > cores) return warning(`WORKERS is ${workers}, and ${here}: more are no faster`);
  return ok(`WORKERS is ${workers}, and ${here}`);
}

/** Holds the connections that are allowed against the files that a process may have open. */
export function checkFiles(limit: number | undefined, maxConnections: number): Finding {
  if (limit === undefined) return ok("How many files may be open cannot be told here");
  const usable = Math.floor(limit * USABLE_SHARE);
  if (usable >= maxConnections) {
    return ok(`${limit} files may be open, enough for MAX_CONNECTIONS ${maxConnections}`);
  }
  return warning(
    `${limit} files may be open, enough for ${usable} connections: raise ulimit -n, or set MAX_CONNECTIONS to that`,
  );
}

/** Says whether a folder, or the one it would be made in, can be written to. */
export async function checkFolder(folder: string): Promise<Finding> {
  const existing = existingFolder(folder);
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: existing, prefix: "parley_doctor_" }));
  } catch {
    return failure(`The folder ${existing} cannot be written to`);
  }
  if (existing === resolve(folder)) return ok(`The folder ${folder} can be written to`);
  return ok(`The folder ${folder} is made when it is needed`);
}

/** Says whether a disk has room left. */
export function checkDisk(folder: string, bytes: number): Finding {
  const text = `${(bytes / GIB).toFixed(1)} GiB are free for ${folder}`;
  if (bytes < TOO_FEW_BYTES) return failure(text);
  return bytes < ENOUGH_BYTES ? warning(text) : ok(text);
}

function storeFolder(store: string): string | undefined {
  const file = /^(?:sqlite|kv):(?!https?:)(.+)/.exec(store)?.[1];
  return file && dirname(file);
}

/** The folder, or the nearest one above it that exists. */
function existingFolder(folder: string): string {
  let path = resolve(folder);
  while (dirname(path) !== path && !isFolder(path)) path = dirname(path);
  return path;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** How many files a process may have open that is started as this one was; a shell can say so. */
async function readFileLimit(): Promise<number | undefined> {
  try {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", "ulimit -n"] }).output();
    const text = new TextDecoder().decode(stdout).trim();
    if (text === "unlimited") return Infinity;
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
