import { ENDINGS } from "../protocol/codes.ts";
import { COMMANDS, type CommandType } from "../protocol/commands.ts";
import { MESSAGES, type MessageType } from "../protocol/messages.ts";
import { COMMAND_SUMMARIES, MESSAGE_SUMMARIES } from "../protocol/summaries.ts";
import { describeSchemas, type JsonObject, refer } from "./json_schemas.ts";

const CHANNEL = "#/channels/socket";

const DESCRIPTION =
  "Text frames hold JSON objects. A client may put several into one frame, separated by line breaks; the " +
  "server does so for clients that offered the subprotocol `parley.v1`, and puts one into each frame for all others. A " +
  "command with an `id` gets exactly one reply with the same `id`: its result, `ok` where it has none, or `error`. The bare " +
  "text `ping` is answered by the bare text `pong`.";

/** Writes the AsyncAPI 3.0 document of the WebSocket, from the schemas that check it. */
export function makeAsyncApi(version: string): JsonObject {
  const commands = Object.keys(COMMANDS) as CommandType[];
  const messages = Object.keys(MESSAGES) as MessageType[];
  const all = [...commands.map(nameOfCommand), ...messages.map(nameOfMessage)];
  return {
    asyncapi: "3.0.0",
    info: { title: "Parley", version, description: DESCRIPTION, license: { name: "MIT" } },
    defaultContentType: "application/json",
    servers: {
      here: {
        host: "{host}",
        protocol: "ws",
        description: "Whichever host serves this document; `wss` where that is over HTTPS",
        variables: { host: { default: "localhost:8080" } },
        security: ["bearer", "inSubprotocol", "inQuery"].map((name) => ({
          $ref: `#/components/securitySchemes/${name}`,
        })),
      },
    },
    channels: {
      socket: {
        address: "/ws",
        title: "One connection",
        description: `The same is served at \`/\`. The server closes with:\n\n${listEndings()}`,
        messages: Object.fromEntries(all.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      ...Object.fromEntries(commands.map((type) => [`receive_${type}`, describeCommand(type)])),
      push: {
        action: "send",
        channel: { $ref: CHANNEL },
        summary: "What the server says, in answer to a command or by itself",
        messages: messages.map((type) => ({ $ref: `${CHANNEL}/messages/${nameOfMessage(type)}` })),
      },
    },
    components: {
      messages: {
        ...Object.fromEntries(
          commands.map((type) => describePayload(nameOfCommand(type), type, COMMAND_SUMMARIES[type].summary)),
        ),
        ...Object.fromEntries(
          messages.map((type) => describePayload(nameOfMessage(type), type, MESSAGE_SUMMARIES[type])),
        ),
      },
      schemas: describeSchemas(nameSchemas()),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        inSubprotocol: {
          ...{ type: "httpApiKey", in: "header", name: "Sec-WebSocket-Protocol" },
          description: "For browsers: the subprotocols `parley.v1` and `bearer.<token>`",
        },
        inQuery: { type: "httpApiKey", in: "query", name: "token" },
      },
    },
  };
}

/** `room_history` becomes `RoomHistoryMessage`. */
export function nameOfMessage(type: MessageType): string {
  return `${inPascalCase(type)}Message`;
}

/** `file_begin` becomes `FileBeginCommand`. */
export function nameOfCommand(type: CommandType): string {
  return `${inPascalCase(type)}Command`;
}

function inPascalCase(type: string): string {
  return type.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function nameSchemas() {
  const commands = Object.entries(COMMANDS).map((
    [type, schema],
  ) => [nameOfCommand(type as CommandType), schema]);
  const messages = Object.entries(MESSAGES).map((
    [type, schema],
  ) => [nameOfMessage(type as MessageType), schema]);
  return Object.fromEntries([...commands, ...messages]);
}

function describePayload(name: string, type: string, summary: string): [string, JsonObject] {
  return [name, { name: type, title: name, summary, payload: refer(name) }];
}

function describeCommand(type: CommandType): JsonObject {
  const { summary, replies } = COMMAND_SUMMARIES[type];
  return {
    action: "receive",
    channel: { $ref: CHANNEL },
    summary,
    messages: [{ $ref: `${CHANNEL}/messages/${nameOfCommand(type)}` }],
    reply: {
      channel: { $ref: CHANNEL },
      messages: [...replies, "error" as const].map((reply) => ({
        $ref: `${CHANNEL}/messages/${nameOfMessage(reply)}`,
      })),
    },
  };
}

function listEndings(): string {
  return Object.values(ENDINGS).map(({ code, reason }) => `- ${code} ${reason}`).join("\n");
}
