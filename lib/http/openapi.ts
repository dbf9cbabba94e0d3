import { ANSWERS, BODIES } from "../protocol/api.ts";
import { chatSchema, fileSchema, MESSAGES } from "../protocol/messages.ts";
import type { RouteDescription } from "./api_route.ts";
import { describeFields, describeSchema, describeSchemas, type JsonObject, refer } from "./json_schemas.ts";

/** What the statuses of problems mean. */
const PROBLEMS: Record<number, string> = {
  400: "The request cannot be understood",
  401: "No credentials, or bad ones",
  403: "Not allowed",
  404: "No such room, or none that the caller may see",
  413: "The body is larger than MAX_MESSAGE_BYTES",
  415: "The body is not JSON",
  429: "Too many calls: `retryAfterMs` says when to come back",
  503: "The store cannot be reached, or the server is going down: try again, with the same `id`",
};

const DESCRIPTION = "Publishes into rooms, tells people things, and reads what was said. Calls carry " +
  "`Authorization: Bearer` with the server's API key or a token; writing needs the key or a token of an administrator, " +
  "reading is limited to what the token's user may see. What is published is an ordinary message: everybody in the room " +
  "gets it over their WebSocket, which `/asyncapi.json` describes.";

/** Writes the OpenAPI 3.1 document of the routes, from the schemas that check them. */
export function makeOpenApi(routes: readonly RouteDescription[], version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path][route.method.toLowerCase()] = describeRoute(route);
  }
  const bodies = Object.entries(BODIES).filter(([, schema]) => routes.some(({ body }) => body === schema));
  const shared = {
    Message: chatSchema,
    File: fileSchema,
    Room: MESSAGES.rooms.shape.rooms.element,
    SearchResult: MESSAGES.search_results.shape.results.element,
    Member: MESSAGES.members.shape.members.element,
  };
  return {
    openapi: "3.1.0",
    info: { title: "Parley", version, description: DESCRIPTION, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: describeSchemas({ ...shared, ...Object.fromEntries(bodies), ...ANSWERS }),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The API key, or a JSON Web Token" },
      },
    },
  };
}

function describeRoute(route: RouteDescription): JsonObject {
  const { operationId, summary, path, access, target, query, body, isBodyOptional, answers, problems } =
    route;
  const name = /\{(\w+)\}/.exec(path)?.[1];
  const inPath = target === undefined ? [] : [{
    ...{ name, in: "path", required: true, schema: describeSchema(target) },
    description: "Percent-encoded",
  }];
  const inQuery = query === undefined ? [] : describeFields(query).map(({ name, isRequired, schema }) => {
    const { description, ...rest } = schema;
    return { name, in: "query", required: isRequired, description, schema: rest };
  });
  return {
    operationId,
    summary,
    security: access === "open" ? [] : [{ bearer: [] }],
    parameters: [...inPath, ...inQuery],
    requestBody: body && {
      required: !isBodyOptional,
      content: { "application/json": { schema: refer(nameOfBody(body)) } },
    },
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, { summary, is }]) => [status, describeAnswer(summary, is)]),
      ...problems.map((status) => [status, {
        description: PROBLEMS[status],
        content: { "application/problem+json": { schema: refer("Problem") } },
      }]),
    ]),
  };
}

function describeAnswer(description: string, is: string): JsonObject {
  if (!is.includes("/")) return { description, content: { "application/json": { schema: refer(is) } } };
  return {
    description,
    content: { [is]: { schema: { type: is === "application/json" ? "object" : "string" } } },
  };
}

function nameOfBody(body: RouteDescription["body"]): string {
  return Object.entries(BODIES).find(([, schema]) => schema === body)![0];
}
