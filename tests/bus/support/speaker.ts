/** An isolate of its own that says so many things on the bus of that name, all in one turn. */
import { BroadcastBus } from "../../../lib/bus/broadcast_bus.ts";

declare const self: { onmessage: (event: MessageEvent<{ name: string; count: number }>) => void };

self.onmessage = ({ data: { name, count } }) => {
  const bus = new BroadcastBus(name);
  for (let i = 0; i < count; i++) bus.publish("room:a", `${i}`);
};
