import { makeFile, sendFile } from "../../support/file_sender.ts";
import { Peer } from "../../support/peer.ts";

/** What is asked of people who send files: to begin, one file after another, or to stop. */
export type UploadCrowdRequest =
  | { readonly address: string; readonly people: number; readonly fileBytes: number }
  | { readonly stop: true };

/** That the first file has arrived; how many have since the beginning; or why none do. */
export type UploadCrowdAnswer =
  | { readonly begun: true }
  | { readonly files: number }
  | { readonly failed: string };

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<UploadCrowdRequest>) => void;
  postMessage(answer: UploadCrowdAnswer): void;
};
let isStopped = false;
let files = 0;
let sending: Promise<unknown> = Promise.resolve();

scope.onmessage = async ({ data: request }) => {
  try {
    if ("stop" in request) {
      isStopped = true;
      await sending;
      return scope.postMessage({ files });
    }
    const { address, people, fileBytes } = request;
    const numbers = Array.from({ length: people }, (_, i) => i);
    sending = Promise.all(numbers.map((i) => send(address, `uploader ${i}`, fileBytes)));
    await sending;
  } catch (error) {
    scope.postMessage({ failed: String(error) });
  }
};

async function send(address: string, userId: string, fileBytes: number): Promise<void> {
  await using peer = await Peer.signIn({ address }, userId);
  await peer.join("files");
  while (!isStopped) {
    const answer = await sendFile(peer, makeFile(fileBytes, { roomId: "files" }));
    if (answer.type !== "ack") throw new Error(`A file was refused: ${JSON.stringify(answer)}`);
    if (++files === 1) scope.postMessage({ begun: true });
  }
}
