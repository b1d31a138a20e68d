import { invalid } from '../errors.ts';
import type { Operation } from './operation.ts';

/** Made up: what one vCPU and one GiB cost a second. */
const VCPU_A_SECOND = 0.00003;
const GIB_A_SECOND = 0.00001;

/** DescribeContainerGroupPrice: the price a second of a size, without discounts. */
export const describeContainerGroupPrice: Operation = {
  name: 'DescribeContainerGroupPrice',
  kind: 'read',
  prepare({ parameters }) {
    const cpu = size(parameters.required('Cpu'), 'Cpu');
    const memory = size(parameters.required('Memory'), 'Memory');
    return {
      commit() {
        const price = Number((cpu * VCPU_A_SECOND + memory * GIB_A_SECOND).toFixed(10));
        return {
          PriceInfo: {
            Price: { OriginalPrice: price, TradePrice: price, DiscountPrice: 0, Currency: 'CNY' },
          },
        };
      },
    };
  },
};

function size(text: string, name: string): number {
  const value = Number(text);
  if (!(value > 0)) throw invalid(name, 'it is a number above 0');
  return value;
}
