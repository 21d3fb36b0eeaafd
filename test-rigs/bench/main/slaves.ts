import { type Registers, SimulatedModbusSlave, type Table } from '../../instruments/simulated-modbus-slave.ts';
import { TcpListener } from '../../links/tcp-listener.ts';
import { stampRegisters, unitId, workload } from './workload.ts';

/*
 * The instruments, one process for all: a Modbus TCP slave behind each of ten ports. Sends the ports to its parent and
 * ends with it.
 */

/** The first two registers say when it was asked, the others wander as measured values do. */
function registers(): Registers {
  const values = Array.from({ length: workload.registers }, (_, index) => 200 * (index + 1));
  const image: Registers = (_table: Table, register: number) => values[register];
  image.onRequest = () => {
    for (const [index, value] of values.entries()) {
      values[index] = Math.max(0, value + Math.floor(Math.random() * 7) - 3);
    }
    values.splice(0, 2, ...stampRegisters(Date.now()));
  };
  return image;
}

const listeners = await Promise.all(
  Array.from({ length: workload.instruments }, () => {
    const slave = new SimulatedModbusSlave({ address: unitId, registers: registers() });
    return TcpListener.listen((end) => slave.serveModbusTcp(end));
  }),
);
process.on('disconnect', () => process.exit(0));
process.send?.(listeners.map(({ port }) => port));
