import type { EngineMapping } from './engine.ts';
import type { MapSyntax } from './syntax.ts';

/** A mapping that is planned when somebody asks more of it than its name. */
export function deferredMapping(map: MapSyntax, version: string, plan: () => EngineMapping): EngineMapping {
  let planned: EngineMapping | undefined;
  const real = (): EngineMapping => {
    planned ??= plan();
    return planned;
  };
  return {
    name: map.name,
    url: map.url,
    version,
    get inputs() {
      return real().inputs;
    },
    get outputs() {
      return real().outputs;
    },
    get rules() {
      return real().rules;
    },
    get coverable() {
      return real().coverable;
    },
    run: (inputs, environment) => real().run(inputs, environment),
    trace: (inputs, environment) => real().trace(inputs, environment),
    interpret: (inputs, environment) => real().interpret(inputs, environment),
    interpretTrace: (inputs, environment) => real().interpretTrace(inputs, environment),
    coverage: (inputs, environment) => real().coverage(inputs, environment),
    code: () => real().code(),
    constants: () => real().constants(),
  };
}
