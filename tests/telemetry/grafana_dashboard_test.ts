import { assert, assertEquals } from "@std/assert";
import dashboard from "../../lib/telemetry/grafana_dashboard.json" with { type: "json" };
import { MetricsPage } from "../support/prometheus.ts";
import { repoFile } from "../support/readme.ts";
import { TestServer } from "../support/server.ts";

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const panels: readonly Panel[] = dashboard.panels;
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

Deno.test("the dashboard asks for nothing that the server does not count", async () => {
  await using server = await TestServer.start();
  const { families } = await MetricsPage.read(server.url);
  const names = new Set(
    families.flatMap(({ name, type }) => type === "HISTOGRAM" ? [`${name}_bucket`] : [name]),
  );
  const asked = expressions.flatMap((expr) => expr.match(/\b(?:parley|process)_[a-z_]+/g) ?? []);
  assertEquals(asked.filter((name) => !names.has(name)), []);
  assert(asked.length > 20);
});

Deno.test("the dashboard shows everything that the server counts", async () => {
  await using server = await TestServer.start();
  const { families } = await MetricsPage.read(server.url);
  const shown = expressions.join(" ");
  assertEquals(families.map(({ name }) => name).filter((name) => !shown.includes(name)), []);
});

Deno.test("the dashboard groups by labels that there are", async () => {
  await using server = await TestServer.start();
  const page = await MetricsPage.read(server.url);
  for (const expr of expressions) {
    const match = /^(?:sum|count) by \((\w+)\) \((?:rate\()?(\w+)\{/.exec(expr);
    if (match === null) continue;
    const [, label, name] = match;
    for (const { labels } of page.family(name).metrics) assert(label in labels!, expr);
  }
});

Deno.test("the dashboard's panels do not cover each other", () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + i % w},${y + Math.floor(i / w)}`)
  );
  assertEquals(new Set(cells).size, cells.length);
});

Deno.test("the README's alerts and commands ask for nothing that the server does not count", async () => {
  await using server = await TestServer.start();
  const { families } = await MetricsPage.read(server.url);
  const counted = families.map(({ name }) => name);
  const asked = (await Deno.readTextFile(repoFile("README.md"))).match(/\bparley_[a-z_]+/g) ?? [];
  assert(asked.length > 4);
  assertEquals(asked.filter((name) => !counted.some((known) => `${known}_bucket`.startsWith(name))), []);
});
