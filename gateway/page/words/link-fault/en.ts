import type { LinkFaultWords } from './words.ts';

export const linkFaultEn: LinkFaultWords = {
  serial: {
    absent: 'There is no such port. Plug the USB adapter in, or correct the path in the site file.',
    taken: 'Another program has the port. Stop that program.',
    denied: 'The gateway may not use the port. Put its user into the group dialout.',
    refused: 'That device cannot be used as a serial port. Correct the path in the site file.',
    lost: 'The port is gone. Check the USB adapter; it is opened again by itself.',
  },
  tcp: {
    absent: 'That address cannot be reached. Check cable, address and power.',
    taken: 'Another master is connected to the device. Disconnect it.',
    denied: 'The network does not allow the connection. Check the firewall.',
    refused: 'The connection was refused. Check the port, and whether another master is connected already.',
    lost: 'The connection is gone. Check cable and power; it is made again by itself.',
  },
  'tcp-server': {
    absent:
      'No device has connected to this port. Add this gateway to the targets of the device, and check its network.',
    taken: 'Another program has the port. Stop that program, or choose another port.',
    denied: 'The gateway may not listen on that port. Choose one above 1023.',
    refused: 'That address cannot be listened on. Correct it in the site file.',
    lost: 'The device has gone. It is heard again as soon as it connects.',
  },
  nodes: {
    absent:
      'This machine does not have that address, or the broker cannot be reached. Bring the nodes’ network up, or correct the address in the site file.',
    taken: 'Another program has the port. Stop that program, or choose another port.',
    denied:
      'Not allowed: a port must be above 1023; with the site’s own broker, check user, password file and access list.',
    refused: 'That address or certificate cannot be used. Correct the site file.',
    lost: 'The connection to the broker is gone; it is made again by itself. Nodes keep their readings meanwhile.',
  },
  firmata: {
    absent: 'There is no such board. Plug its USB cable in, or correct the path in the site file.',
    taken: 'Another program has the board. Close it, such as the Arduino IDE with its serial monitor.',
    denied: 'The gateway may not use the port. Put its user into the group dialout.',
    refused:
      'The board does not answer as StandardFirmata: it runs nothing, or something else. Load StandardFirmata onto it with the Arduino IDE, or correct the path in the site file.',
    lost: 'The board is gone, or has started anew. Check cable and supply; it is opened again by itself, with all relays off.',
  },
};
