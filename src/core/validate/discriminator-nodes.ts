import type { Step } from './discriminator-path.ts';
import type { ElementNode } from './element.ts';
import type { Registry } from './registry.ts';

type Known = { readonly registry: Registry };

/** The slice's nodes at the end of a path, through profiles of types where the slice has no children of its own. */
export function walkNodes(run: Known, start: readonly ElementNode[], steps: readonly Step[]): readonly ElementNode[] {
  let nodes = start;
  for (const step of steps) nodes = nodes.flatMap((node) => nextNodes(run, node, step));
  return nodes;
}

/** As `walkNodes`, through the slices of what is on the way: a code may be told by a slice of `code.coding`. */
export function walkSlices(run: Known, start: readonly ElementNode[], steps: readonly Step[]): readonly ElementNode[] {
  let nodes = start;
  for (const step of steps)
    nodes = nodes.flatMap((node) => nextNodes(run, node, step)).flatMap((node) => [node, ...node.slices]);
  return nodes;
}

function nextNodes(run: Known, node: ElementNode, step: Step): readonly ElementNode[] {
  if (step.kind === 'type')
    return [{ ...node, types: node.types.filter((type) => type.code === step.name), slicing: undefined }];
  if (step.kind === 'resolve')
    return node.types.flatMap((type) => type.targetProfiles.flatMap((url) => targetNode(run, url)));
  if (step.kind === 'extension') {
    const extension = childOf(run, node, 'extension');
    const slices = (extension?.slices ?? []).filter((candidate) => extensionUrl(run, candidate) === step.name);
    if (slices.length > 0) return slices.flatMap((slice) => [slice, ...slice.slices]);
    const known = run.registry.profile(step.name) ?? extension;
    return known === undefined ? [] : [known];
  }
  const child = childOf(run, node, step.name);
  if (child === undefined) return [];
  return [child];
}

function targetNode(run: Known, url: string): readonly ElementNode[] {
  const root = run.registry.profile(url);
  if (root === undefined) return [];
  return [{ ...root, types: [{ code: root.name, profiles: [url], targetProfiles: [], aggregation: [] }] }];
}

function extensionUrl(run: Known, slice: ElementNode): unknown {
  return childOf(run, slice, 'url')?.expected[0]?.value ?? slice.types[0]?.profiles[0];
}

/** What the slice says of a child; where it says nothing itself, what the profile of its type says. */
function childOf(run: Known, node: ElementNode, name: string): ElementNode | undefined {
  const inline = run.registry.children(node).get(name);
  const profile = node.types.length === 1 ? node.types[0]?.profiles : undefined;
  if (profile?.length !== 1 || (inline?.expected.length ?? 0) > 0) return inline;
  const root = run.registry.profile(profile[0] ?? '');
  return (root === undefined ? undefined : run.registry.children(root).get(name)) ?? inline;
}
