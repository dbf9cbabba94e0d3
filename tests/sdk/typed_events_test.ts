import { assertEquals } from "@std/assert";
import { emit, TypedEvents } from "../../static/sdk/typed_events.ts";

class Clock extends TypedEvents<{ tick: number }> {
  made = 0;
  override dispatchEvent(event: Event): boolean {
    this.made++;
    return super.dispatchEvent(event);
  }
}

Deno.test("emit() makes no event that nobody listens for", () => {
  const clock = new Clock();
  emit(clock, "tick", 1);
  assertEquals(clock.made, 0);
});

Deno.test("emit() tells listeners, with once, signal and removal as in any EventTarget", () => {
  const clock = new Clock();
  const heard: string[] = [];
  const stop = new AbortController();
  const removed = () => heard.push("removed");
  clock.addEventListener("tick", (event) => heard.push(`all ${event.detail}`));
  clock.addEventListener("tick", (event) => heard.push(`once ${event.detail}`), { once: true });
  clock.addEventListener("tick", (event) => heard.push(`signal ${event.detail}`), { signal: stop.signal });
  clock.addEventListener("tick", removed);
  clock.removeEventListener("tick", removed);
  emit(clock, "tick", 1);
  stop.abort();
  emit(clock, "tick", 2);
  assertEquals(heard, ["all 1", "once 1", "signal 1", "all 2"]);
});
