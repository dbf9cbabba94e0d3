import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseArgs } from "node:util";
import { type Command, UsageError } from "../../lib/cli/command.ts";
import { describeDuration, parseDuration } from "../../lib/cli/duration.ts";
import { printable } from "../../lib/cli/printable.ts";
import { run } from "./fake_terminal.ts";

function commandOf(work: (args: string[]) => void): Command {
  return {
    help: "Does something.",
    run({ args, print }) {
      work(args);
      print("done");
      return Promise.resolve(0);
    },
  };
}

const fails = (error: unknown) =>
  commandOf(() => {
    throw error;
  });

Deno.test("a command that is asked for help does nothing else", async () => {
  for (const args of [["--help"], ["-h"], ["room", "--nonsense", "--help"]]) {
    assertEquals(await run(fails(new Error("run")), args), {
      code: 0,
      printed: ["Does something."],
      noted: [],
    });
  }
});

Deno.test("what stands behind -- is text, also if it looks like a wish for help", async () => {
  assertEquals((await run(commandOf(() => {}), ["room", "--", "--help"])).printed, ["done"]);
});

Deno.test("a command that fails says why in one line and ends with 1", async () => {
  const outcome = await run(fails(new Error("the \u001b[31mdisk\nis full")), []);
  assertEquals(outcome, { code: 1, printed: [], noted: ["the \\u001b[31mdisk\\nis full"] });
  assertEquals((await run(fails("a text"), [])).noted, ["a text"]);
});

Deno.test("a command that is not understood says what it does and ends with 2", async () => {
  const parses = commandOf((args) => void parseArgs({ args, options: { last: { type: "string" } } }));
  for (const args of [["--nonsense"], ["--last"], ["word"]]) {
    const { code, noted } = await run(parses, args);
    assertEquals([code, noted.length, noted[1]], [2, 2, "\nDoes something."], args.join(" "));
  }
  assertEquals((await run(parses, ["--nonsense"])).noted[0], "Unknown option '--nonsense'");
  assertEquals(await run(fails(new UsageError("a room must be given")), []), {
    code: 2,
    printed: [],
    noted: ["a room must be given", "\nDoes something."],
  });
});

Deno.test("printable() leaves words of every script alone, and shows what a terminal would obey", () => {
  const kept = 'Ann 安 👩‍👩‍👧 é ß "quoted" \\ עברית';
  assertEquals(printable(kept), kept);
  assertEquals(printable("a\u001b]0;title\u0007b"), "a\\u001b]0;title\\u0007b");
  assertEquals(printable("one\r\ntwo\tthree"), "one\\r\\ntwo\\tthree");
  assertEquals(
    printable("\u009b31m \u007f \u202eabc\u2066 \u2028 \ud800"),
    "\\u009b31m \\u007f \\u202eabc\\u2066 \\u2028 \\ud800",
  );
  assertStringIncludes(JSON.parse(printable(JSON.stringify({ text: "\u009b\u001b" }))).text, "\u009b\u001b");
});

Deno.test("durations are read in seconds, minutes, hours and days, and told in words", () => {
  assertEquals(["10s", "2m", "1h", "7d"].map(parseDuration), [10_000, 120_000, 3_600_000, 604_800_000]);
  assertEquals(
    ["", "10", "s", "1.5h", "-1s", "1w", "999999999s"].map(parseDuration),
    Array(7).fill(undefined),
  );
  assertEquals([0, 1_000, 119_000, 120_000, 7_200_000, 172_800_000].map(describeDuration), [
    "0 seconds",
    "1 second",
    "119 seconds",
    "2 minutes",
    "2 hours",
    "2 days",
  ]);
});
