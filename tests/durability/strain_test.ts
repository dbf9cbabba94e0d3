import { assert, assertEquals } from "@std/assert";
import { measureLoad } from "./support/load.ts";
import { measureSlowReaders } from "./support/slow_readers.ts";
import { measureSearch } from "./support/search_beside.ts";
import { runStorm } from "./support/storm.ts";
import { measureUploads } from "./support/uploads_beside.ts";

Deno.test("readers who stop reading are closed with 4008, cost the others nothing, and have everything once when they are back", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_slow_" });
  const report = await measureSlowReaders({
    file: `${folder}/parley.db`,
    readers: 20,
    stalled: 4,
    messagesPerSecond: 150,
    contentBytes: 16_000,
    // 19 MB: the system takes 5 to 10 for somebody who reads nothing.
    seconds: 8,
  });
  await Deno.remove(folder, { recursive: true });
  assertEquals(report.closedAsSlow, 4);
  assertEquals([report.wrongLogs, report.wrongLogsOfReturned], [0, 0]);
  assertEquals(report.messages, 1_800);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`clients whose server is restarted by ${signal} come back by themselves, and miss nothing`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "parley_storm_" });
    const report = await runStorm({ file: `${folder}/parley.db`, clients: 120, rooms: 6, signal });
    await Deno.remove(folder, { recursive: true });
    assertEquals(report.wrongLogs, 0);
    assert(report.allBackMs < 30_000, `the last one was back after ${report.allBackMs} ms`);
    // Who was advised does not come back all at once.
    if (signal === "SIGTERM") {
      assert(report.mostPerSecond < 80, `${report.mostPerSecond} tried within one second`);
    }
  });
}

Deno.test("messages are acknowledged from the disk faster than five hundred a second", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_load_" });
  const store = `sqlite:${folder}/parley.db`;
  const report = await measureLoad({
    store,
    writers: 10,
    rooms: 2,
    window: 4,
    seconds: 1,
    warmUpSeconds: 0.3,
  });
  await Deno.remove(folder, { recursive: true });
  // A machine that has other things to do; what it can do by itself is measured by hand.
  assert(report.acksPerSecond > 500, `${report.acksPerSecond} a second`);
});

Deno.test("messages and files get through beside each other", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_uploads_" });
  const report = await measureUploads({ folder, uploaders: 2, fileBytes: 300_000, seconds: 1 });
  await Deno.remove(folder, { recursive: true });
  assertEquals([report.alone.count, report.besideUploads.count], [50, 50]);
  assert(report.files > 0);
  assert(report.besideUploads.p99Ms < 1_000, `p99 ${report.besideUploads.p99Ms} ms`);
});

Deno.test("messages and searches get through beside each other", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_search_" });
  const plan = { store: `sqlite:${folder}/parley.db`, messages: 2_000, seconds: 1, searchesPerSecond: 20 };
  const report = await measureSearch(plan);
  await Deno.remove(folder, { recursive: true });
  assertEquals([report.searches.count, report.alone.count, report.besideSearches.count], [20, 50, 50]);
  assert(report.foundOnAverage > 1);
  assert(report.searches.p99Ms < 1_000, `p99 ${report.searches.p99Ms} ms`);
});
