/** The server, and two accidents that happen to it when a signal says so: one error and one rejection nobody catches. */
import { serve } from "../../lib/cli/serve.ts";

Deno.addSignalListener("SIGUSR1", () => {
  setTimeout(() => {
    throw new Error("an accident\nof two lines");
  });
});
Deno.addSignalListener("SIGUSR2", () => {
  Promise.reject(new Error("an accident"));
});

await serve();
