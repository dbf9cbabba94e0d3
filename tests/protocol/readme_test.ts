/** Holds the protocol document against the code, so that neither can move alone. */
import { assert, assertEquals, fail } from "@std/assert";
import { WINDOW } from "../../lib/chat/transfer.ts";
import { readConfig } from "../../lib/config.ts";
import { type ApiHandlers, makeApiRoutes } from "../../lib/http/api_routes.ts";
import { GUEST_ROUTE, OPEN_ROUTES } from "../../lib/http/open_routes.ts";
import { CHUNK_BYTES, readChunk } from "../../lib/protocol/chunk.ts";
import { ENDINGS, REFUSALS } from "../../lib/protocol/codes.ts";
import { COMMANDS } from "../../lib/protocol/commands.ts";
import { decode, Undecodable } from "../../lib/protocol/decode.ts";
import { MESSAGES, type MessageType } from "../../lib/protocol/messages.ts";

const README = await Deno.readTextFile(new URL("../../lib/protocol/README.md", import.meta.url));

/** A part of the document, from its heading to the next one of the same level or above. */
function section(heading: string): string {
  const level = heading.indexOf(" ");
  const lines = README.split("\n");
  const start = lines.indexOf(heading);
  assert(start >= 0, `There is no heading "${heading}"`);
  const isNext = (line: string) => new RegExp(`^#{1,${level}} `).test(line);
  const length = lines.slice(start + 1).findIndex(isNext);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join("\n");
}

/** The rows of the first table of a section, cell by cell, without heading and ruler. */
function rows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The frames that are shown, by who sends them. */
function frames(arrow: "→" | "←" | "⇒"): string[] {
  const blocks = README.split("```").filter((_, i) => i % 2 === 1);
  return blocks.join("").split("\n").filter((line) => line.startsWith(`${arrow} `)).map((line) =>
    line.slice(2)
  );
}

/** The bytes that are written as pairs of digits, whatever stands between them. */
function decodeHex(text: string): ArrayBuffer {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (digits) => parseInt(digits, 16)).buffer;
}

Deno.test("the document's table of errors is that of the code: codes, messages, and whether to try again", () => {
  const documented = rows(section("## Errors")).map(([code, message, again]) => [
    code,
    // What stands behind a colon depends on the command.
    message.replace(/: <.*>`$/, "`"),
    again,
  ]);
  const real = Object.entries(REFUSALS).map(([code, { message, retry }]) => [
    `\`${code}\``,
    `\`${message}\``,
    retry ? "yes" : "no",
  ]);
  assertEquals(documented, real);
});

Deno.test("the document's table of endings is that of the code", () => {
  const documented = rows(section("## Endings")).map(([code, reason]) => `${code} ${reason}`);
  const real = Object.values(ENDINGS).map(({ code, reason }) => `${code} \`${reason}\``);
  assertEquals(documented, real);
});

Deno.test("every ending from 4500 on stops the client, and none below that asks it to come back stops it", () => {
  for (const [code, , client] of rows(section("## Endings"))) {
    if (Number(code) >= 4500) assertEquals(client, "stops");
    else if (Number(code) >= 4000) assert(client.includes("comes back"), `${code}: ${client}`);
  }
});

Deno.test("every command has its chapter, which names all its fields", () => {
  const chapters = section("## Commands").match(/^### `(\w+)`$/gm)?.map((line) => line.slice(5, -1));
  assertEquals(chapters, Object.keys(COMMANDS));
  for (const [type, { shape }] of Object.entries(COMMANDS)) {
    const chapter = section(`### \`${type}\``);
    const missing = Object.keys(shape).filter((field) =>
      field !== "type" && !chapter.includes(`\`${field}\``)
    );
    assertEquals(missing, [], type);
  }
});

Deno.test("every command that is shown is understood", () => {
  const shown = frames("→").filter((frame) => frame !== "ping");
  assert(shown.length > 5);
  for (const frame of shown) assert(!(decode(frame) instanceof Undecodable), frame);
});

Deno.test("everything the server says is shown, with all its fields and no others", () => {
  const shown = frames("←").filter((frame) => frame !== "pong").map((frame) => JSON.parse(frame));
  for (const frame of shown) {
    const schema = MESSAGES[frame.type as MessageType].strict();
    const { error } = schema.safeParse(frame);
    assertEquals(error?.issues, undefined, JSON.stringify(frame));
  }
  assertEquals(new Set(shown.map(({ type }) => type)), new Set(Object.keys(MESSAGES)));
});

Deno.test("the chunks that are shown are read where the file goes on, and confirmed up to their end", () => {
  const said = frames("←").map((frame) => frame === "pong" ? {} : JSON.parse(frame));
  const ready = said.find(({ type }) => type === "file_ready");
  assertEquals([ready.chunkBytes, ready.window], [CHUNK_BYTES, WINDOW]);
  const confirmed = said.filter(({ type }) => type === "file_progress").map(({ offset }) => offset);
  const chunks = frames("⇒").map((frame) => readChunk(decodeHex(frame)) ?? fail(`${frame} is no chunk`));
  assertEquals(chunks.map(({ handle }) => handle), [ready.handle, ready.handle]);
  assertEquals(chunks.map(({ offset }) => offset), [ready.offset, confirmed[0]]);
});

Deno.test("the document's table of routes is that of the code: methods, paths, and who may call them", () => {
  const documented = rows(section("## HTTP beside it")).map((
    [route, who],
  ) => [route.replaceAll("`", ""), who]);
  const who = { write: "programs", read: "any token", open: "anybody" };
  const real = [...makeApiRoutes({} as ApiHandlers), GUEST_ROUTE, ...OPEN_ROUTES].map(
    ({ method, path, access }) => [`${method} ${path}`, who[access]],
  );
  assertEquals(documented, real);
});

Deno.test("every setting that the document names is one", () => {
  const names = new Set<string>();
  readConfig((name) => void names.add(name));
  const shown = README.match(/(?<=`)[A-Z]+(_[A-Z]+)+(?=[`=])/g) ?? [];
  assert(shown.length > 5);
  assertEquals(shown.filter((name) => !names.has(name)), []);
});
