import { assert, assertEquals } from "@std/assert";
import { ApiPaths, type Found } from "../../lib/http/api_paths.ts";
import type { ApiRoute } from "../../lib/http/api_route.ts";

function makeRoute(method: "GET" | "POST", path: string): ApiRoute {
  const words = { operationId: `${method} ${path}`, summary: "", budget: "" };
  const handle = () => Promise.reject(new Error("not called"));
  return { ...words, method, path, access: "read", answers: {}, problems: [], handle };
}

const PATHS = new ApiPaths([
  makeRoute("GET", "/api/rooms"),
  makeRoute("GET", "/api/rooms/{roomId}/messages"),
  makeRoute("POST", "/api/rooms/{roomId}/messages"),
  makeRoute("POST", "/api/users/{userId}/events"),
]);

function find(method: string, path: string): [string, string] | number {
  const found: Found | Response = PATHS.find(method, path);
  return found instanceof Response ? found.status : [found.route.operationId, found.target];
}

Deno.test("ApiPaths finds a route by its method and path, and cuts out the parameter as it is written", () => {
  assertEquals(find("GET", "/api/rooms"), ["GET /api/rooms", ""]);
  assertEquals(find("POST", "/api/rooms/a%2Fb/messages"), ["POST /api/rooms/{roomId}/messages", "a%2Fb"]);
  assertEquals(find("GET", "/api/rooms/{roomId}/messages"), ["GET /api/rooms/{roomId}/messages", "{roomId}"]);
  assertEquals(find("POST", "/api/users/messages/events"), ["POST /api/users/{userId}/events", "messages"]);
});

Deno.test("ApiPaths takes HEAD for GET, where there is a GET", () => {
  assertEquals(find("HEAD", "/api/rooms"), ["GET /api/rooms", ""]);
  assertEquals(find("HEAD", "/api/users/a/events"), 405);
});

Deno.test("ApiPaths tells a wrong method from a path that is none", () => {
  assertEquals(find("PUT", "/api/rooms/a/messages"), 405);
  for (
    const path of [
      "/api/rooms/",
      "/api/rooms/a",
      "/api/rooms/a/b/messages",
      "/rooms",
      "/api/rooms/a/messages/",
      "",
    ]
  ) {
    assertEquals(find("GET", path), 404, path);
  }
});

Deno.test("ApiPaths names the methods that a path has", () => {
  const response = PATHS.find("PUT", "/api/rooms/a/messages");
  assert(response instanceof Response);
  assertEquals(response.headers.get("allow"), "GET, HEAD, POST");
});
