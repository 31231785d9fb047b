import type { RuleSet } from './rule-set.ts';

/**
 * The screening settings that some rule asks for. A partner's file may name no other: one that is misspelt would turn
 * off, without a word, what was meant to be more careful.
 */
export function settingNames({ rules }: Pick<RuleSet, 'rules'>): readonly string[] {
  const names = [...rules.values()].flatMap(({ variants = [] }) => variants.map(({ when }) => when.setting));
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
