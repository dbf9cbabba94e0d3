import { BODIES } from "../protocol/api.ts";
import type { RouteDescription } from "./api_route.ts";

const READ = { method: "GET", access: "open", problems: [] } as const;

/** The routes beside the API that are worth describing: anybody may call them. */
export const OPEN_ROUTES: readonly RouteDescription[] = [
  {
    ...{ ...READ, path: "/health", operationId: "health" },
    summary: "Says how the server is doing",
    answers: { 200: { summary: "It is running", is: "Health" } },
  },
  {
    ...{ ...READ, path: "/ready", operationId: "ready" },
    summary: "Says whether new connections are welcome",
    answers: {
      200: { summary: "They are", is: "Readiness" },
      503: { summary: "They are not: the server is starting or draining", is: "Readiness" },
    },
  },
  {
    ...{ ...READ, path: "/metrics", operationId: "metrics" },
    summary: "Gives every counter, in the Prometheus text format",
    answers: { 200: { summary: "The counters", is: "text/plain" } },
  },
  {
    ...{ ...READ, path: "/metrics/websocket", operationId: "socketMetrics" },
    summary: "Counts connections and rooms",
    answers: { 200: { summary: "The numbers", is: "SocketMetrics" } },
  },
  {
    ...{ ...READ, path: "/openapi.json", operationId: "openapi" },
    summary: "Gives this document",
    answers: { 200: { summary: "An OpenAPI 3.1 document", is: "application/json" } },
  },
  {
    ...{ ...READ, path: "/asyncapi.json", operationId: "asyncapi" },
    summary: "Gives the document of everything said over WebSockets",
    answers: { 200: { summary: "An AsyncAPI 3.0 document", is: "application/json" } },
  },
];

/** Signing in as a guest, where the server lets guests in. */
export const GUEST_ROUTE: RouteDescription = {
  ...{ method: "POST", access: "open", path: "/api/token", operationId: "signInAsGuest" },
  summary: "Signs in a guest under a name of their own choosing",
  body: BODIES.TokenRequest,
  answers: { 200: { summary: "A token that is good for 12 hours", is: "GuestToken" } },
  problems: [400, 403, 413, 429],
};
