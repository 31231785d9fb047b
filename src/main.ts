import { runTactus } from './start/run.ts';

/** `npm start`: Tactus, in the roles that the settings name. The parts are put together in start/. */
process.exit(await runTactus(process.env));
