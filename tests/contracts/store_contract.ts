import { Bench, type OpenStore, type Test } from "./store/bench.ts";
import { testDuplicates } from "./store/duplicates_contract.ts";
import { testLog } from "./store/log_contract.ts";
import { testMembers } from "./store/members_contract.ts";
import { testPeople } from "./store/people_contract.ts";
import { testPages } from "./store/pages_contract.ts";
import { testRetention } from "./store/retention_contract.ts";
import { testRooms } from "./store/rooms_contract.ts";
import { testSearch } from "./store/search_contract.ts";
import { testStandings } from "./store/standings_contract.ts";

/** What every store promises. */
export function testStore(name: string, open: OpenStore): void {
  const test = testWith(name, open);
  testLog(test);
  testDuplicates(test);
  testPages(test);
  testRetention(test);
  testRooms(test);
  testMembers(test);
  testStandings(test);
  testPeople(test);
  testSearch(test);
}

/** What every store promises of searches, for one that is made to search in another way. */
export function testSearchOf(name: string, open: OpenStore): void {
  testSearch(testWith(name, open));
}

function testWith(name: string, open: OpenStore): Test {
  return (sentence, run, retention) =>
    Deno.test(`${name}: ${sentence}`, async () => {
      await using bench = await Bench.open(open, retention);
      await run(bench);
    });
}
