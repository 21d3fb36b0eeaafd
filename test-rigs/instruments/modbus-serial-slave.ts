import { type IServiceVector, ServerSerial, ServerTCP } from 'modbus-serial';
import { freePort } from '../links/free-port.ts';
import type { Registers, Table } from './simulated-modbus-slave.ts';

/*
 * In three lines:
 *   const slave = await ModbusSerialSlave.onTcp({ address: 1, registers: counting() });     // slave.port
 *   const slave = await ModbusSerialSlave.onTty(pair.other.path, { address: 1, registers: counting() });
 *   await slave.close();
 */

interface ModbusSerialSlaveOptions {
  readonly address: number;
  readonly registers: Registers;
}

/**
 * The modbus-serial library's own servers: a slave that shares no code with us. Good for right and wrong, not for
 * time: they answer after 1.25 ms over TCP and 30 ms over a tty.
 */
export class ModbusSerialSlave {
  /** TCP port; 0 on a tty. */
  readonly port: number;
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  static async onTcp({ address, registers }: ModbusSerialSlaveOptions): Promise<ModbusSerialSlave> {
    const port = await freePort();
    const server = new ServerTCP(serve(registers), { host: '127.0.0.1', port, unitID: address });
    await new Promise<void>((resolve, reject) => {
      server.on('initialized', () => resolve());
      server.on('serverError', (error) => reject(error));
    });
    return new ModbusSerialSlave(port, () => new Promise((resolve) => server.close(() => resolve())));
  }

  /** `path` is a tty of its own; its other side is where the master is. */
  static async onTty(path: string, { address, registers }: ModbusSerialSlaveOptions): Promise<ModbusSerialSlave> {
    const server = new ServerSerial(serve(registers), { path, baudRate: 9600, unitID: address });
    await new Promise<void>((resolve, reject) => {
      server.on('initialized', () => resolve());
      server.on('error', (error) => reject(error));
    });
    return new ModbusSerialSlave(0, () => new Promise((resolve) => server.close(() => resolve())));
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function serve(registers: Registers): IServiceVector {
  const read = (table: Table, register: number): number => {
    const value = registers(table, register);
    // The library sends the number that it finds on the error as the exception code.
    if (value === undefined) throw Object.assign(new Error('illegal address'), { modbusErrorCode: 2 });
    return value;
  };
  const block = (table: Table, start: number, count: number): number[] => {
    registers.onRequest?.();
    return Array.from({ length: count }, (_, index) => read(table, start + index));
  };
  return {
    getCoil: (register: number): boolean => read(1, register) === 1,
    getDiscreteInput: (register: number): boolean => read(2, register) === 1,
    // The library asks for one register by another door than for several.
    getHoldingRegister: (register: number): number => block(3, register, 1)[0] ?? 0,
    getInputRegister: (register: number): number => block(4, register, 1)[0] ?? 0,
    getMultipleHoldingRegisters: (start: number, count: number): number[] => block(3, start, count),
    getMultipleInputRegisters: (start: number, count: number): number[] => block(4, start, count),
  };
}
