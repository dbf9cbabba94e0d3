import { type Config, ConfigError, type Environment, readConfig } from "../config.ts";
import { withoutPassword } from "./without_password.ts";

/** One setting as the server would understand it. */
export interface Setting {
  readonly name: string;
  /** For people; secrets are not in it. */
  readonly value: string;
  readonly source: "environment" | "default";
  /** Why it keeps the server from starting. */
  readonly complaint?: string;
}

/** All settings. */
export interface SettingsReport {
  readonly settings: readonly Setting[];
  /** As the settings make it that can be understood. */
  readonly config: Config;
}

const SECRET = /SECRET|KEY|PASSWORD|TOKEN/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Reads every setting, also beyond one that cannot be understood. */
export function readSettings(environment: Environment): SettingsReport {
  const names = new Set<string>();
  const complaints = new Map<string, string>();
  const read: Environment = (name) => {
    names.add(name);
    return complaints.has(name) ? undefined : environment(name);
  };
  const config = readAll(read, complaints);
  const settings = [...names].map((name): Setting => {
    const complaint = complaints.get(name);
    const isSet = complaint !== undefined || Boolean(valueOf(environment, name)?.trim());
    const value = complaint === undefined ? describe(name, config, isSet) : "";
    return { name, value, source: isSet ? "environment" : "default", complaint };
  });
  return { settings, config };
}

/** Leaves out one setting after the other until the rest can be understood. */
function readAll(read: Environment, complaints: Map<string, string>): Config {
  while (true) {
    try {
      return readConfig(read);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const [name] = error.message.split(" ", 1);
      if (complaints.has(name)) throw error;
      complaints.set(name, error.message);
    }
  }
}

function valueOf(environment: Environment, name: string): string | undefined {
  try {
    return environment(name);
  } catch {
    return undefined;
  }
}

/** A setting's value in the words in which it is set. */
function describe(name: string, config: Config, isSet: boolean): string {
  const value = find(name, config);
  if (SECRET.test(name)) {
    if (!isSet) return name === "JWT_SECRET" ? "a random one for each run" : "none";
    return `hidden, ${new TextEncoder().encode(String(value)).length} bytes`;
  }
  switch (typeof value) {
    case "undefined":
      return name.startsWith("RATE_") ? "off" : "none";
    case "boolean":
      return value ? "on" : "off";
    case "number":
      return value === Infinity ? "unlimited" : String(name.endsWith("_DAYS") ? value / DAY_MS : value);
    case "object":
      return describeObject(value as object);
    default:
      return withoutPassword(String(value));
  }
}

/** `MAX_CONNECTIONS` is called `maxConnections`, `JWT_ISSUER` is called `jwt.issuer`. */
function find(name: string, config: Config): unknown {
  const parts = name.toLowerCase().replace(/_days$/, "_ms").split("_");
  const key = parts.map((part, i) => i === 0 ? part : part[0].toUpperCase() + part.slice(1)).join("");
  if (key in config) return (config as Record<string, unknown>)[key];
  if (parts[0] !== "jwt") return undefined;
  const rest = key.slice("jwt".length);
  return (config.jwt as Record<string, unknown>)[rest[0].toLowerCase() + rest.slice(1)];
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return value.join(", ") || "the page's own";
  const { amount, periodMs } = value as { amount: number; periodMs: number };
  return `${amount}/${periodMs % 1_000 === 0 ? `${periodMs / 1_000}s` : `${periodMs}ms`}`;
}
