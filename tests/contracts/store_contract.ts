import type { Retention } from "../../lib/store/store.ts";
import { Bench, type OpenStore } from "./store/bench.ts";
import { testDuplicates } from "./store/duplicates_contract.ts";
import { testLog } from "./store/log_contract.ts";
import { testMembers } from "./store/members_contract.ts";
import { testPages } from "./store/pages_contract.ts";
import { testRetention } from "./store/retention_contract.ts";
import { testRooms } from "./store/rooms_contract.ts";

/** What every store promises. */
export function testStore(name: string, open: OpenStore): void {
  function test(
    sentence: string,
    run: (bench: Bench) => Promise<void>,
    retention?: Partial<Retention>,
  ): void {
    Deno.test(`${name}: ${sentence}`, async () => {
      await using bench = await Bench.open(open, retention);
      await run(bench);
    });
  }

  testLog(test);
  testDuplicates(test);
  testPages(test);
  testRetention(test);
  testRooms(test);
  testMembers(test);
}
