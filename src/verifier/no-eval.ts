import { config } from 'zod';

// Sites forbid the evaluation of text, which zod would try as soon as it has a schema: to be imported before all others.
config({ jitless: true });
