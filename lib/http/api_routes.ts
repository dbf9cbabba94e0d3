import { BODIES, QUERIES } from "../protocol/api.ts";
import { roomId, userId } from "../protocol/fields.ts";
import type { ApiPeople } from "./api_people.ts";
import type { ApiPublish } from "./api_publish.ts";
import type { ApiRead } from "./api_read.ts";
import { type ApiRoute, defineRoute } from "./api_route.ts";

/** The parts of the API that do the work. */
export interface ApiHandlers {
  readonly publish: ApiPublish;
  readonly read: ApiRead;
  readonly people: ApiPeople;
}

const MESSAGES_OF_ROOM = "/api/rooms/{roomId}/messages";
/** What any route with a token may be answered with. */
const COMMON = [400, 401, 403, 429, 503];
const READ = { method: "GET", access: "read" } as const;
const WRITE = { method: "POST", access: "write" } as const;

/** Every route of the API; the generated document is written from this table too. */
export function makeApiRoutes({ publish, read, people }: ApiHandlers): readonly ApiRoute[] {
  return [
    defineRoute({
      ...{ ...WRITE, path: MESSAGES_OF_ROOM, target: roomId, body: BODIES.PublishRequest, budget: "chat" },
      operationId: "publish",
      summary: "Publishes a message in a room, which is made if need be",
      answers: {
        201: { summary: "The message is kept, and told to the room", is: "Published" },
        200: { summary: "The id was there already: this is where the first message stands", is: "Published" },
      },
      problems: [...COMMON, 404, 413, 415],
      handle: (call) => publish.publish(call),
    }),
    defineRoute({
      ...{ ...WRITE, path: "/api/message", body: BODIES.MessageRequest, budget: "chat" },
      operationId: "sendMessage",
      summary: "Publishes a message: the older spelling",
      answers: { 200: { summary: "The message is kept, and told to the room", is: "Sent" } },
      problems: [...COMMON, 404, 413, 415],
      handle: (call) => publish.send(call),
    }),
    defineRoute({
      ...{
        ...WRITE,
        path: "/api/rooms/{roomId}/events",
        target: roomId,
        body: BODIES.EventRequest,
        budget: "events",
      },
      operationId: "tellRoom",
      summary: "Tells everybody in a room an event, which is not kept",
      answers: { 200: { summary: "Who is there is told", is: "Sent" } },
      problems: [...COMMON, 404, 413, 415],
      handle: (call) => people.tellRoom(call),
    }),
    defineRoute({
      ...{
        ...WRITE,
        path: "/api/users/{userId}/events",
        target: userId,
        body: BODIES.EventRequest,
        budget: "events",
      },
      operationId: "tellPerson",
      summary: "Tells a person an event on every device, which is not kept",
      answers: { 200: { summary: "If the person is connected, they are told", is: "Sent" } },
      problems: [...COMMON, 413, 415],
      handle: (call) => people.tellPerson(call),
    }),
    defineRoute({
      ...{
        ...WRITE,
        path: "/api/users/{userId}/notifications",
        target: userId,
        body: BODIES.NotificationRequest,
      },
      budget: "notifications",
      operationId: "notify",
      summary: "Notifies a person on every device",
      answers: { 200: { summary: "If the person is connected, they are notified", is: "Sent" } },
      problems: [...COMMON, 413, 415],
      handle: (call) => people.notify(call),
    }),
    defineRoute({
      ...{ ...WRITE, path: "/api/users/{userId}/disconnect", target: userId, body: BODIES.DisconnectRequest },
      isBodyOptional: true,
      budget: "disconnect",
      operationId: "disconnect",
      summary: "Closes all connections of a person with code 4503, after which clients stay away",
      answers: { 200: { summary: "The connections are closed", is: "Disconnected" } },
      problems: [...COMMON, 413, 415],
      handle: (call) => people.disconnect(call),
    }),
    defineRoute({
      ...{ ...READ, path: MESSAGES_OF_ROOM, target: roomId, query: QUERIES.history, budget: "history" },
      operationId: "readHistory",
      summary: "Reads a page of a room's log: the newest messages, or those in a range",
      answers: { 200: { summary: "The messages, in ascending `seq`", is: "HistoryPage" } },
      problems: [...COMMON, 404],
      handle: (call) => read.history(call),
    }),
    defineRoute({
      ...{ ...READ, path: "/api/rooms", budget: "rooms" },
      operationId: "listRooms",
      summary: "Lists the rooms that the caller may see, the fullest first",
      answers: { 200: { summary: "At most 1 000 rooms", is: "RoomList" } },
      problems: [401, 429, 503],
      handle: (call) => read.rooms(call),
    }),
    defineRoute({
      ...{ ...READ, path: "/api/rooms/{roomId}/members", target: roomId, budget: "members" },
      operationId: "listMembers",
      summary: "Lists the members of a room, those who are there first",
      answers: { 200: { summary: "At most 1 000 members", is: "MemberList" } },
      problems: [...COMMON, 404],
      handle: (call) => read.members(call),
    }),
    defineRoute({
      ...{ ...READ, path: "/api/search", query: QUERIES.search, budget: "search" },
      operationId: "search",
      summary: "Looks for messages in all rooms that the caller may read, newest first",
      answers: { 200: { summary: "One page of results", is: "SearchPage" } },
      problems: [...COMMON, 404],
      handle: (call) => read.search(call),
    }),
  ];
}
