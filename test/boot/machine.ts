import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

/** How a command in the machine ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Hardware {
  /** The guest's token, which is also in the SMBIOS. */
  readonly uuid: string;
  /** A field of the SMBIOS system table, by which cloud-init recognises the cloud. */
  readonly smbios: string;
  /** The image of a second disk. */
  readonly drive?: string;
  /** The port of this host that is reached at 169.254.169.254:80; unreachable if undefined. */
  readonly metadataPort?: number;
}

/** Emulated processors are slow, and the test machine may be busy: nine minutes were observed. */
const BOOT_TIMEOUT_MS = 1_500_000;

/** A Debian in QEMU without KVM; what it writes to its disk is discarded. */
export class Machine {
  private hostKeys = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];

  private constructor(
    private readonly process: ChildProcess,
    private readonly serial: string,
    private readonly sshPort: number,
  ) {}

  /** Starts one from the files of make-image.sh; `serial` is the file for its console output. */
  static async start(image: string, serial: string, { uuid, smbios, drive, metadataPort }: Hardware): Promise<Machine> {
    const sshPort = await freePort();
    const relay = `${process.execPath} ${resolve('test/boot/relay.mjs')} ${metadataPort}`;
    const network = [
      'user,id=net,net=169.254.169.0/24,host=169.254.169.2,dns=169.254.169.3,dhcpstart=169.254.169.15',
      `hostfwd=tcp:127.0.0.1:${sshPort}-169.254.169.15:22`,
      ...(metadataPort === undefined ? [] : [`guestfwd=tcp:169.254.169.254:80-cmd:${relay}`]),
    ];
    // prettier-ignore
    const words = [
      '-accel', 'tcg', '-m', '512', '-display', 'none', '-monitor', 'none', '-no-reboot', '-serial', `file:${serial}`,
      '-kernel', join(image, 'kernel'), '-initrd', join(image, 'initrd'),
      '-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0',
      '-drive', `file=${join(image, 'disk')},if=virtio,format=raw,snapshot=on`,
      ...(drive === undefined ? [] : ['-drive', `file=${drive},if=virtio,format=raw,readonly=on`]),
      '-netdev', network.join(','), '-device', 'virtio-net-pci,netdev=net', '-device', 'virtio-rng-pci',
      '-uuid', uuid, '-smbios', `type=1,uuid=${uuid},${smbios}`,
    ];
    // It ends with this process, however this process ends.
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return new Machine(qemu, serial, sshPort);
  }

  private get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Its console output so far. */
  get console(): string {
    return readFileSync(this.serial, 'utf8');
  }

  /** Waits until a log-in with the private key in a file succeeds. Otherwise fails with the end of the console. */
  async acceptsKey(keyFile: string): Promise<void> {
    const logsIn = async (): Promise<boolean> => {
      if (this.hasEnded) throw new Error('The machine ended.');
      // A connection that was made before the network is up gets no answer.
      return (await this.connect(30, keyFile, ['true'])).code === 0;
    };
    try {
      await until(logsIn, 'the machine accepts the key', { timeoutMs: BOOT_TIMEOUT_MS, everyMs: 2000 });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.console.slice(-8000)}`, { cause: error });
    }
  }

  /** From now on, expects the host keys that a known_hosts file has under a name. */
  verifyHost(knownHosts: string, name: string): void {
    this.hostKeys = ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${knownHosts}`, `HostKeyAlias=${name}`];
  }

  /** Runs a command as Debian's default user, with a private key and the certificate in the -cert.pub file beside it, if any. */
  ssh(keyFile: string, ...command: string[]): Promise<Outcome> {
    return this.connect(300, keyFile, command);
  }

  private connect(timeoutSeconds: number, keyFile: string, command: readonly string[]): Promise<Outcome> {
    const options = ['BatchMode=yes', 'IdentitiesOnly=yes', ...this.hostKeys];
    const words = [...options, 'LogLevel=ERROR', `ConnectTimeout=${timeoutSeconds}`].flatMap((option) => [
      '-o',
      option,
    ]);
    const target = ['-i', keyFile, '-p', String(this.sshPort), 'debian@127.0.0.1'];
    return new Promise((done) => {
      execFile('ssh', [...words, ...target, ...command], (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
    });
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }
}
