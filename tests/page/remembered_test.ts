import { assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { recall, remember } from "../../static/app/remembered.ts";

Deno.test("what a full storage does not take is remembered all the same, and not what stood there before", () => {
  remember("tab", "session", "bob");
  {
    using _full = stub(Storage.prototype, "setItem", () => {
      throw new DOMException("full", "QuotaExceededError");
    });
    remember("tab", "session", "ann");
    assertEquals([recall("tab", "session"), sessionStorage.getItem("parley.session")], ["ann", null]);
    remember("tab", "session", undefined);
    assertEquals(recall("tab", "session"), undefined);
    remember("tab", "session", "ann");
  }
  remember("tab", "session", "eve");
  assertEquals([recall("tab", "session"), sessionStorage.getItem("parley.session")], ["eve", "eve"]);
  remember("tab", "session", undefined);
  assertEquals(recall("tab", "session"), undefined);
});

Deno.test("where the browser refuses storage, everything is remembered as long as the page lasts", () => {
  const storage = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage")!;
  const get = () => {
    throw new DOMException("refused", "SecurityError");
  };
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, get });
  try {
    remember("tab", "draft.general", "Hel");
    assertEquals(recall("tab", "draft.general"), "Hel");
    remember("tab", "draft.general", undefined);
    assertEquals([recall("tab", "draft.general"), recall("tab", "other")], [undefined, undefined]);
  } finally {
    Object.defineProperty(globalThis, "sessionStorage", storage);
  }
});
