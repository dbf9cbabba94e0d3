import type { Config } from "../config.ts";
import { withoutPassword } from "./without_password.ts";

/** Says where to go, who may come in, and where it is kept. */
export function greet({ isLoopback, guests, jwt, store, workers }: Config, address: Deno.NetAddr): void {
  const { transport, hostname, port } = address;
  const name = isLoopback || hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  console.log(`Parley is running.${transport === "tcp" ? ` Open http://${name}:${port}/` : ""}`);
  if (guests) {
    const who = isLoopback ? "from this machine, and nobody from elsewhere," : "who can reach this address";
    const why = jwt.secret === undefined ? "This is a demo: no JWT_SECRET is set, so" : "GUESTS is on:";
    console.log(`${why} anybody ${who} can come in as a guest.`);
  }
  const by = workers > 1 ? `, by ${workers} workers` : "";
  console.log(`What is said is kept in ${withoutPassword(store)}${by}. Stop with Ctrl+C.`);
}
