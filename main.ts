import { serve } from "./lib/cli/serve.ts";

if (import.meta.main) await serve();
