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
    const table = `giaoban_cut_${ports[0]}`;
    const set = `{ ${ports.join(', ')} }`;
    const rules = ['tcp dport', 'tcp sport', 'udp dport', 'udp sport'].map((what) => `    ${what} ${set} drop`);
    nft(
      `table inet ${table} {
  chain in {
    type filter hook input priority 0; policy accept;
${rules.join('\n')}
  }
}`,
    );
    let cut = true;
    const mend = () => {
      if (cut) nft(`delete table inet ${table}`);
      cut = false;
    };
    cleanup.add(mend);
    return { mend };
  }

  /** dropped is how many packets the firewall has kept out. */
  dropped(): number {
    const rules = execFileSync('nft', ['list', 'table', 'inet', this.table], { encoding: 'utf8' });
    return Number(/counter packets (\d+)/.exec(rules)?.[1]);
  }
}

function nft(script: string): void {
  execFileSync('nft', ['-f', '-'], { input: `${script}\n` });
}
