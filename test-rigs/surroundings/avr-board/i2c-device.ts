/** A device on the I2C bus, as its datasheet draws it: a register pointer that counts up. */
export class RegisterDevice {
  readonly registers: Uint8Array;
  #pointer = 0;
  #isAddressed = false;

  constructor(registers: Uint8Array) {
    this.registers = registers;
  }

  /** The master addresses it for writing: the next byte is the register. */
  begin(): void {
    this.#isAddressed = false;
  }

  write(byte: number): void {
    if (!this.#isAddressed) {
      this.#pointer = byte;
      this.#isAddressed = true;
    } else {
      this.put(this.#pointer, byte);
      this.#pointer = (this.#pointer + 1) % 256;
    }
  }

  read(): number {
    const byte = this.registers[this.#pointer] ?? 0xff;
    this.#pointer = (this.#pointer + 1) % 256;
    return byte;
  }

  /** A register is written; a device that acts on that does it here. */
  protected put(register: number, byte: number): void {
    this.registers[register] = byte;
  }
}
