import { assertEquals } from "@std/assert";
import { addressOf, readAddress, roomLink, SEARCH_LINK } from "../../static/app/address.ts";

Deno.test("readAddress() takes token and room from the part after the number sign", () => {
  const url = new URL("https://chat.example/#token=a.b-c.d_e&room=team%20x");
  assertEquals(readAddress(url), { token: "a.b-c.d_e", roomId: "team x" });
});

Deno.test("readAddress() takes the room from the query when the fragment names none", () => {
  assertEquals(readAddress(new URL("https://chat.example/?room=tea+time")), { roomId: "tea time" });
  assertEquals(readAddress(new URL("https://chat.example/?room=a#room=b")), { roomId: "b" });
});

Deno.test("readAddress() never takes a token from the query, and treats empty values as absent", () => {
  assertEquals(readAddress(new URL("https://chat.example/?token=x#room=")), {});
});

Deno.test("roomLink() is read back as the same room, whatever its name", () => {
  for (const roomId of ["general", "c++", "上海 & 北京", "100%", "a=b#c?d", "dm:a%3Ab:c"]) {
    assertEquals(readAddress(new URL(roomLink(roomId), "https://chat.example/")), { roomId });
  }
});

Deno.test("addressOf() drops query and token and keeps the path", () => {
  const url = new URL("https://chat.example/talk/?room=a#token=x.y.z");
  assertEquals(addressOf(url, "b c"), "/talk/#room=b%20c");
  assertEquals(addressOf(url, undefined), "/talk/");
});

Deno.test("SEARCH_LINK is read back as the search, which no room's link is", () => {
  assertEquals(readAddress(new URL(SEARCH_LINK, "https://chat.example/talk/")), { isSearch: true });
  assertEquals(readAddress(new URL(roomLink("search"), "https://chat.example/")), { roomId: "search" });
});
