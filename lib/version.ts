import project from "../deno.json" with { type: "json" };

/** The version that runs. */
export const VERSION: string = project.version;
