import type { Config, Environment } from "../config.ts";
import { isLoopbackName } from "../http/origins.ts";

/** A secret in which fewer characters differ was hardly made by chance. */
const MIN_DIFFERENT = 12;
const MIN_KEY_LENGTH = 16;
/** Proxies cut connections that are quiet for about a minute. */
const PROXY_PATIENCE_MS = 60_000;
/** Shorter names are too near to those of others. */
const MIN_NAME_LENGTH = 7;

/** What is allowed and yet hardly meant, a sentence each. */
export function findOddities(config: Config, environment: Environment, names: readonly string[]): string[] {
  return [
    ...aboutSecrets(config),
    ...aboutStrangers(config),
    ...aboutLimits(config),
    ...aboutQuotes(environment, names),
  ];
}

/** Names in an environment that are nearly those of settings. */
export function findMisspelt(present: readonly string[], names: readonly string[]): string[] {
  return present.filter((name) => name.length >= MIN_NAME_LENGTH && !names.includes(name)).flatMap((name) => {
    const meant = names.find((setting) => setting.length >= MIN_NAME_LENGTH && distance(name, setting) <= 2);
    return meant === undefined ? [] : [`${name} is not a setting: is ${meant} meant?`];
  });
}

function* aboutSecrets({ jwt, apiKey }: Config): Generator<string> {
  const { secret, algorithm, publicKey, jwksUrl, issuer, audience } = jwt;
  if (secret !== undefined) {
    if (new Set(secret).size < MIN_DIFFERENT) {
      yield "JWT_SECRET is easy to guess: make one with openssl rand -hex 32";
    }
    if (secret.trim() !== secret) {
      yield "JWT_SECRET begins or ends with a blank or a line break, which counts";
    }
    if (algorithm !== "HS256") yield `JWT_SECRET is not used with JWT_ALGORITHM ${algorithm}`;
  }
  if (apiKey !== undefined && apiKey.length < MIN_KEY_LENGTH) {
    yield `API_KEY is easy to guess: it has fewer than ${MIN_KEY_LENGTH} characters`;
  }
  if (publicKey !== undefined && /PRIVATE KEY|"d"\s*:/.test(publicKey)) {
    yield "JWT_PUBLIC_KEY holds a private key: the server needs, and should have, only the public one";
  }
  if (jwksUrl === undefined) return;
  const { protocol, hostname } = new URL(jwksUrl);
  if (protocol === "http:" && !isLoopbackName(hostname)) {
    yield "JWT_JWKS_URL is not https: who can change what comes over the network can let anybody in";
  }
  if (issuer === undefined && audience === undefined) {
    yield "JWT_ISSUER and JWT_AUDIENCE are not set: tokens made for other programs are let in";
  }
}

function* aboutStrangers({ guests, isLoopback, host, origins, store, jwt }: Config): Generator<string> {
  if (guests && !isLoopback) yield `GUESTS is on: anybody who can reach ${host} can come in`;
  if (origins.includes("*")) yield "ORIGINS is *: every page of the Web may connect";
  if (origins.includes("null")) {
    yield "ORIGINS has null: pages from nowhere, like sandboxed ones, may connect";
  }
  const plain = origins.find((origin) => {
    const url = URL.parse(origin);
    return url?.protocol === "http:" && !isLoopbackName(url.hostname);
  });
  if (plain !== undefined) yield `ORIGINS has ${plain}, which is not https`;
  if (store.startsWith("memory:") && jwt.secret !== undefined) {
    yield "STORE is memory: what is said is gone when the server ends";
  }
}

function* aboutLimits(config: Config): Generator<string> {
  const { maxMessageBytes, maxSendBufferBytes, heartbeatMs, rateChat, rateOther, shutdownTimeoutMs } = config;
  if (maxSendBufferBytes < maxMessageBytes) {
    yield "MAX_SEND_BUFFER_BYTES is below MAX_MESSAGE_BYTES: one long message closes whoever reads it";
  }
  if (heartbeatMs > PROXY_PATIENCE_MS) {
    yield "HEARTBEAT_MS is above 60000: proxies may cut quiet connections sooner";
  }
  if (heartbeatMs < 1_000) yield "HEARTBEAT_MS is below 1000: most of the traffic will be heartbeats";
  if (rateChat === undefined) yield "RATE_CHAT is off: one person can fill every room";
  if (rateOther === undefined) yield "RATE_OTHER is off: one person can keep the server busy";
  if (shutdownTimeoutMs === 0) yield "SHUTDOWN_TIMEOUT_MS is 0: nobody is told that the server ends";
  if (config.maxConnectionsPerUser > config.maxConnections) {
    yield "MAX_CONNECTIONS_PER_USER is above MAX_CONNECTIONS, and so without effect";
  }
  const { hardwareConcurrency: cores } = navigator;
  if (config.workers > cores) {
    yield `WORKERS is above ${cores}, the cores of this machine: more workers are no faster`;
  }
  if (config.port === 0) yield "PORT is 0: it is another one each time";
}

function* aboutQuotes(environment: Environment, names: readonly string[]): Generator<string> {
  for (const name of names) {
    if (/^\s*(["']).*\1\s*$/s.test(environment(name) ?? "")) yield `${name} is in quotes, which count`;
  }
}

/** How many letters must be added, dropped or changed to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}
