import { FakeTime } from "@std/testing/time";
import { ParleyClient, type ParleyClientOptions, type Room } from "../../../static/sdk/mod.ts";
import { joined, page } from "./chat_messages.ts";
import { fakeNetwork, type FakeSocket } from "./fake_socket.ts";
import type { ChatMessage } from "../../../static/sdk/types.ts";

/** A client whose server, network, clock and chance are in the test's hands. */
export function testClient(options: Partial<ParleyClientOptions> = {}) {
  const time = new FakeTime();
  const network = fakeNetwork();
  const client = new ParleyClient({
    url: "ws://server.test/ws",
    token: "token-1",
    WebSocket: network.WebSocket,
    random: () => 0.5,
    ...options,
  });
  const states: string[] = [];
  client.addEventListener("state", (event) => states.push(event.detail.name));
  return {
    time,
    network,
    client,
    states,
    [Symbol.dispose]: () => {
      client.close();
      time.restore();
    },
  };
}

/** Lets the client connect; gives the socket. */
export async function connected(test: ReturnType<typeof testClient>): Promise<FakeSocket> {
  void test.client.connect();
  await test.time.runMicrotasks();
  test.network.last.welcome();
  await test.time.runMicrotasks();
  return test.network.last;
}

/** Lets the client join "general", which holds these messages. */
export async function joinedRoom(
  test: ReturnType<typeof testClient>,
  history: ChatMessage[] = [],
): Promise<{ socket: FakeSocket; room: Room }> {
  const socket = await connected(test);
  const joining = test.client.join("general");
  await test.time.runMicrotasks();
  const [join] = socket.takeSent();
  const seq = history.at(-1)?.seq ?? 0;
  socket.receive(page(history, seq, { recovered: false }), joined(join.id, seq));
  return { socket, room: await joining };
}

/** Lets the connection break and come back; gives the new socket, welcomed. */
export async function reconnected(test: ReturnType<typeof testClient>): Promise<FakeSocket> {
  test.network.last.end(1006);
  await test.time.tickAsync(60_000);
  await test.time.runMicrotasks();
  test.network.last.welcome();
  await test.time.runMicrotasks();
  return test.network.last;
}
