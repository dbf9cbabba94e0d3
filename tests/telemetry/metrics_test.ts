import { assert, assertEquals, assertMatch } from "@std/assert";
import { renderFamilies } from "../../lib/telemetry/family.ts";
import { Metrics } from "../../lib/telemetry/metrics.ts";
import { API_KEY } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { MetricsPage } from "../support/prometheus.ts";
import { TestServer } from "../support/server.ts";

Deno.test("a parser of Prometheus reads every family of the page, each with its type and help", async () => {
  await using server = await TestServer.start();
  const response = await fetch(`${server.url}/metrics`);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  const { families } = new MetricsPage(text);
  assertEquals(families.length, text.match(/^# TYPE /gm)!.length);
  assertEquals(new Set(families.map(({ name }) => name)).size, families.length);
  for (const { name, type, metrics } of families) {
    assertMatch(name, /^(parley|process)_[a-z_]+$/);
    assertEquals(type === "COUNTER", name.endsWith("_total"), name);
    assert(metrics.length > 0, name);
    for (const { value, buckets } of metrics) {
      assert(buckets !== undefined || Number.isFinite(Number(value)), name);
    }
  }
});

Deno.test("every help ends with what it means when the metric grows", async () => {
  await using server = await TestServer.start();
  for (const { name, help } of (await MetricsPage.read(server.url)).families) {
    assertMatch(help, /[Gg]rows? when [^.]+[.;:]?[^.]*\.$/, name);
  }
});

Deno.test("the page does not grow with what strangers do, and names nobody", async () => {
  await using server = await TestServer.start({ API_KEY });
  const shape = async () => {
    const { families } = await MetricsPage.read(server.url);
    return families.map(({ name, metrics }) => [name, metrics.map(({ labels }) => labels)]);
  };
  const before = await shape();
  for (const code of [3000, 3001, 4999]) {
    const peer = await Peer.signIn(server, `stranger-${code}`);
    await peer.join(`hideout-${code}`);
    peer.send({ type: `nonsense-${code}` });
    await peer.next("error");
    peer.close(code);
    await peer.closed;
  }
  await fetch(`${server.url}/api/nonsense`, { method: "PROPFIND" }).then((response) => response.text());
  assertEquals(await shape(), before);
  const page = await (await fetch(`${server.url}/metrics`)).text();
  assert(!/stranger|hideout|nonsense/.test(page));
});

Deno.test("Metrics without labels still counts everything, as other", () => {
  const metrics = new Metrics();
  metrics.commands.add(1, "chat");
  assertEquals(new MetricsPage(renderFamilies(metrics.takeDown())).values("parley_commands_total"), {
    other: 1,
  });
});
