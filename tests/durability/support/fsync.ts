import { ChildServer } from "../../support/child_server.ts";
import { Peer } from "../../support/peer.ts";

/** What a trace of the system calls shows. */
export interface FsyncReport {
  /** From the last write to the log until the acknowledgement of one message was sent. */
  readonly oneMessage: readonly string[];
  /** How often the disk was waited for while so many messages of so many people came at once. */
  readonly burst: { readonly messages: number; readonly fsyncs: number };
  /** Whether all that was written for the one message was on the disk when it was acknowledged. */
  readonly isInOrder: boolean;
}

const PEOPLE = 50;
const CALLS = "fsync,fdatasync,pwrite64,sendto,sendmsg,write,writev";

/** Traces a server while it takes a message, and then many at once; needs `strace`, and the right to use it. */
export async function traceFsync(file: string): Promise<FsyncReport> {
  await using server = await ChildServer.start({ STORE: `sqlite:${file}` });
  const peers = await Promise.all(
    Array.from({ length: PEOPLE }, (_, i) => Peer.signInPlainly(server, `user ${i}`)),
  );
  for (const [i, peer] of peers.entries()) await peer.join(`room ${i}`);
  await peers[0].ask({ type: "chat", roomId: "room 0", content: "warm-up" });
  const args = ["-f", "-y", "-tt", "-s", "120", "-e", `trace=${CALLS}`, "-p", String(server.pid)];
  const strace = new Deno.Command("strace", { args, stdout: "null", stderr: "piped" }).spawn();
  const lines: string[] = [];
  const attached = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const text of strace.stderr.pipeThrough(new TextDecoderStream())) {
      lines.push(...text.split("\n"));
      if (text.includes("attached")) attached.resolve();
    }
  })();
  await attached.promise;
  await new Promise((resolve) => setTimeout(resolve, 500));
  await peers[0].ask({ type: "chat", roomId: "room 0", content: "one message" });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const middle = lines.length;
  await Promise.all(
    peers.map((peer, i) => peer.ask({ type: "chat", roomId: `room ${i}`, content: "all at once" })),
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  strace.kill("SIGINT");
  await strace.status;
  await reading;
  await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  const one = lines.slice(0, middle).filter((line) => /-wal>|\\"ack\\"/.test(line));
  return {
    oneMessage: one.map((line) => line.slice(0, 170)),
    isInOrder: one.length > 2 &&
      one.every((line, i) => CALL_BEFORE_END[one.length - 1 - i]?.test(line) ?? isWrite(line)),
    burst: {
      messages: PEOPLE,
      fsyncs: lines.slice(middle).filter((line) => CALL_BEFORE_END[1].test(line)).length,
    },
  };
}

/** What the last call must be, and the one before it. */
const CALL_BEFORE_END = [/ send(to|msg)\(.*\\"ack\\"/, / f(data)?sync\(.*-wal>/];

function isWrite(line: string): boolean {
  return / pwrite64\(.*-wal>/.test(line);
}
