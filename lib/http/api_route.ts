import type { z } from "zod";
import type { Refusal } from "../protocol/codes.ts";
import type { ApiCaller } from "./api_access.ts";

/** What a route's handler is given: everything in it is checked. */
export interface ApiCall<Query, Body> {
  readonly caller: ApiCaller;
  /** The room or user that the address names; empty where it names none. */
  readonly target: string;
  readonly query: Query;
  readonly body: Body;
}

/** What a call comes to. */
export interface ApiAnswer {
  readonly status: 200 | 201;
  /** An object, or JSON that is written already. */
  readonly body: object | string;
}

/** The words for people and programs who read about a route. */
export interface RouteDescription {
  readonly method: "GET" | "POST";
  /** With at most one `{parameter}`, which fills one segment. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  /** Whether anybody may call it, anybody with a token, or only programs with the key and administrators. */
  readonly access: "open" | "read" | "write";
  /** What the address's parameter must be, once it is decoded. */
  readonly target?: z.ZodType<string>;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** Whether the body may be left out altogether. */
  readonly isBodyOptional?: boolean;
  /** What is answered, by status; the name of a schema, or a media type that is no JSON. */
  readonly answers: Readonly<Record<number, { readonly summary: string; readonly is: string }>>;
  /** The statuses of the problems it may be answered with. */
  readonly problems: readonly number[];
}

/** A route of the API: what it is, and what it does. */
export interface ApiRoute<Q extends z.ZodObject = z.ZodObject, B extends z.ZodObject = z.ZodObject>
  extends RouteDescription {
  readonly access: "read" | "write";
  readonly query?: Q;
  readonly body?: B;
  /** The budget that a call is taken from. */
  readonly budget: string;
  handle(call: ApiCall<z.infer<Q>, z.infer<B>>): Promise<ApiAnswer | Refusal>;
}

/** Ties a handler to its schemas, then lets go of the details, so that all routes fit one table. */
export function defineRoute<Q extends z.ZodObject, B extends z.ZodObject>(route: ApiRoute<Q, B>): ApiRoute {
  return route;
}
