import { assert, assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { MetricsPage } from "../support/prometheus.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TestServer } from "../support/server.ts";

redisTest(
  "a program that only speaks Redis reaches a person's devices, on whichever node they are",
  async () => {
    await using redis = await RedisServer.start();
    const settings = { STORE: `${redis.url}?prefix=shop:` };
    await using first = await TestServer.start(settings);
    await using second = await TestServer.start(settings);
    await using desk = await Peer.signIn(first, "ann");
    await using phone = await Peer.signIn(second, "ann");
    await using bob = await Peer.signIn(second, "bob");
    const publish = (text: string) => redis.ask("PUBLISH", "shop:notifications", text);
    const order = { userId: "ann", title: "Order 7", body: "It is on its way: 上海", data: { order: 7 } };

    await publish("not JSON");
    await publish(JSON.stringify({ ...order, title: "" }));
    assertEquals(await publish(JSON.stringify(order)), 2);
    const { userId: _, ...told } = order;
    for (const peer of [desk, phone]) {
      assertEquals(await peer.next("notification"), { type: "notification", ...told });
      assertEquals((await peer.drained()).filter(({ type }) => type === "notification"), []);
    }
    assertEquals((await bob.drained()).filter(({ type }) => type === "notification"), []);

    await redis.cutSubscribers();
    await redis.restart();
    // Whatever is published while nobody hears it is lost.
    while (await publish(JSON.stringify({ ...order, title: "again" })) !== 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const peer of [desk, phone]) assertEquals((await peer.next("notification")).title, "again");

    const page = await MetricsPage.read(first.url);
    assert(page.value("parley_foreign_notifications_total", "taken") >= 2);
    assertEquals(page.value("parley_foreign_notifications_total", "refused"), 2);
  },
);
