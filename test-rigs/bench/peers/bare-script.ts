import modbusSerial from 'modbus-serial';
import mqtt from 'mqtt';

/*
 * The least that does the work: asks each port once a second for 20 registers and publishes what comes, with nothing kept,
 * judged or averaged, and nothing sent again. Arguments: broker address, then the Modbus TCP ports.
 */
const ModbusRTU = modbusSerial.default;
const [broker = '', ...ports] = process.argv.slice(2);
const client = await mqtt.connectAsync(broker);

for (const port of ports) {
  const modbus = new ModbusRTU();
  await modbus.connectTCP('127.0.0.1', { port: Number(port) });
  modbus.setID(1);
  setInterval(async () => {
    const { data } = await modbus.readHoldingRegisters(0, 20);
    client.publish(`bare-script/${port}`, JSON.stringify({ at: Date.now(), values: data }), { qos: 1 });
  }, 1000);
}
