// A firewall in front of one port of this machine: nftables drops what goes to
// it over UDP, in a table of its own that is removed again.

import { execFileSync } from 'node:child_process';
import type { Cleanup } from './cleanup.ts';

/** Firewall blocks UDP to one port. */
export class Firewall {
  private constructor(private readonly table: string) {}

  /** blockUDP sets the rule up and removes it with the cleanup. It needs root and nft. */
  static blockUDP(cleanup: Cleanup, port: number): Firewall {
    const table = `giaoban_e2e_${port}`;
    try {
      nft(
        `table inet ${table} {
  chain in {
    type filter hook input priority 0; policy accept;
    udp dport ${port} counter drop
  }
}`,
      );
    } catch (error) {
      throw new Error(`blocking UDP to port ${port} needs root and nft (apt-get install nftables): ${error}`);
    }
    cleanup.add(() => nft(`delete table inet ${table}`));
    return new Firewall(table);
  }

  /** cut drops everything to and from these ports, as a pulled cable does, until mend. */
  static cut(cleanup: Cleanup, ports: number[]): { mend(): void } {
    const set = `{ ${ports.join(', ')} }`;
    const ways = ['tcp dport', 'tcp sport', 'udp dport', 'udp sport'];
    return rule(
      cleanup,
      `giaoban_cut_${ports[0]}`,
      ways.map((what) => `${what} ${set} drop`),
    );
  }

  /** lose drops this share, in percent, of the UDP packets that come from a port, until mend. */
  static lose(cleanup: Cleanup, port: number, percent: number): { mend(): void } {
    return rule(cleanup, `giaoban_lose_${port}`, [`udp sport ${port} numgen random mod 100 < ${percent} drop`]);
  }

  /** dropped is how many packets the firewall has kept out. */
  dropped(): number {
    const rules = execFileSync('nft', ['list', 'table', 'inet', this.table], { encoding: 'utf8' });
    return Number(/counter packets (\d+)/.exec(rules)?.[1]);
  }
}

/** rule sets rules for what comes in, and takes them back when told or with the cleanup. */
function rule(cleanup: Cleanup, table: string, rules: string[]): { mend(): void } {
  nft(
    `table inet ${table} {
  chain in {
    type filter hook input priority 0; policy accept;
${rules.map((one) => `    ${one}`).join('\n')}
  }
}`,
  );
  let set = true;
  const mend = () => {
    if (set) nft(`delete table inet ${table}`);
    set = false;
  };
  cleanup.add(mend);
  return { mend };
}

function nft(script: string): void {
  execFileSync('nft', ['-f', '-'], { input: `${script}\n` });
}
