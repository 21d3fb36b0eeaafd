/** A packet that somebody published, without its line end. */
interface PublishedPacket {
  readonly id: string;
  readonly source: string;
  readonly text: string;
  /** In what it departs from the standard. */
  readonly oddities?: readonly string[];
}

/** Published packets of HJ 212 whose CRC was reckoned anew and found right. */
export const publishedPackets: readonly PublishedPacket[] = [
  {
    id: 'A1',
    source: 'HJ 212-2017, annex A',
    text: '##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80',
  },
  {
    id: 'A2',
    source: 'public code, Python test',
    text: '##0075QN=20260706103512345;ST=91;CN=9014;PW=123456;MN=A110000_0001;Flag=8;CP=&&&&0140',
  },
  {
    id: 'A3',
    source: 'public code, HJ212Def.h',
    text: '##0078QN=20201008154743635;ST=91;CN=9014;PW=123456;MN=SD000001;Flag=9;CP=&&QnRtn=1&&71c0',
    oddities: ['lower-case-crc'],
  },
  {
    id: 'A4',
    source: 'public code, C# test',
    text: '##0000QN=20180427125809000;ST=22;CN=2011;PW=123456;MN=LXHB0CS0306310;Flag=5;CP=&&DataTime=20180427125809;a34004-Rtd=75600.000,a34004-Flag=N;a34002-Rtd=140600.000,a34002-Flag=N;a34001-Rtd=178000.000,a34001-Flag=N;a01001-Rtd=24.8,a01001-Flag=N;a01002-Rtd=46.8,a01002-Flag=N;a01006-Rtd=101.380,a01006-Flag=N;a01007-Rtd=0.0,a01007-Flag=N;a01008-Rtd=25,a01008-Flag=N;LA-Rtd=57.9,LA-Flag=N&&5440',
    oddities: ['wrong-length'],
  },
  {
    id: 'A5',
    source: 'public code, Java test',
    text: '##0317QN=20191018104952418;ST=22;CN=2011;PW=123456;MN=ZX00001;Flag=5;CP=&&DataTime=20191018104900;a34002-Rtd=30,a34002-Flag=N;a34004-Rtd=25,a34004-Flag=N;a01001-Rtd=13.5,a01001-Flag=N;a01002-Rtd=43.8,a01002-Flag=N;a01008-Rtd=30,a01008-Flag=N;a01007-Rtd=3.5,a01007-Flag=N;a34001-Rtd=132,a34001-Flag=N;LA-Rtd=66.8,LA-Flag=N&&AF01',
  },
  {
    id: 'A7',
    source: 'public code, PHP',
    text: '##0239QN=20180821142509000;ST=39;CN=2011;PW=123456;MN=690000D5800028F889221AC0;Flag=4;CP=&&DataTime=20180821142509;a34004-Rtd=0.0;a34002-Rtd=0.0;a34001-Rtd=0.0;LA-Rtd=0.0;a01001-Rtd=0.0;a01002-Rtd=0.0;a01006-Rtd=0.0;a01007-Rtd=0.0;a01008-Rtd=0&&E541',
  },
  {
    id: 'A10',
    source: 'public code, C#',
    text: '##0120QN=20200828190600000;ST=27;CN=2011;PW=123456;MN=18AAH;Flag=4;CP=&&DataTime=20200828190600;a24088-Rtd=0.0,a24088-Flag=F&&B981',
  },
  {
    id: 'A12',
    source: 'public code, Java',
    text: '##0077QN=20120416225111069;ST=91;CN=9021;PW=122333;MN=88888880000006;Flag=1;CP=&&&&4100',
  },
  {
    id: 'B2',
    source: 'public code, PHP',
    text: '##0437QN=20240123123205877;ST=32;CN=2011;PW=123456;MN=000101;Flag=5;CP=&&DataTime=20240123123200;w01018-SampleTime=20240123110306,w01018-Rtd=4653.8,w01018-Flag=N;w21003-SampleTime=20240123110305,w21003-Rtd=43.58,w21003-Flag=N;w21011-SampleTime=20240123110302,w21011-Rtd=1.58,w21011-Flag=N;w21001-SampleTime=20240123110336,w21001-Rtd=83.53,w21001-Flag=N;w01001-Rtd=7.17,w01001-Flag=N;w01010-Rtd=6.3,w01010-Flag=N;w00000-Rtd=3.41,w00000-Flag=N&&D941',
  },
  {
    id: 'B4',
    source: 'public code, PHP',
    text: '##0100QN=20240123131014225;ST=31;CN=3020;PW=123456;MN=81733553216103;Flag=4;CP=&&DataTime=20240123131000&&1040',
  },
  {
    id: 'B5',
    source: 'public code, PHP',
    text: '##0213ST=32;CN=2011;PW=123456;MN=81733553216204;CP=&&DataTime=20240123131500;001-Rtd=7.470,001-Flag=N;B01-Rtd=0.000;011-Rtd=32.439,011-Flag=N;060-Rtd=0.466,060-Flag=N;101-Rtd=0.287,101-Flag=N;065-Rtd=25.801,065-Flag=N&&47C0',
  },
  {
    id: 'B6',
    source: 'public code, PHP',
    text: '##0069QN=20230723080035006;ST=91;CN=9021;PW=123456;MN=000201;Flag=4;CP=&&&&BDC1',
  },
  {
    id: 'B7',
    source: 'public code, Go test',
    text: '##0131QN=20200428011552615;ST=31;CN=2081;PW=;MN=MYHJ00000000000080011128;Flag=4;CP=&&DataTime=20200428011552;RestartTime=20200425120954&&47C0',
  },
  {
    id: 'B11',
    source: 'public code',
    text: '##0494QN=20210521110212000;ST=31;CN=2011;PW=123456;MN=411420sibo0606;Flag=4;CP=&&DataTime=20210521110202;a01012-Rtd=32.42,a01012-ZsRtd=32.42,a01012-Flag=N;a05002-Rtd=1.45,a05002-ZsRtd=1.45,a05002-Flag=N;a01011-Rtd=0.54,a01011-ZsRtd=0.54,a01011-Flag=N;a01013-Rtd=103.79,a01013-ZsRtd=103.79,a01013-Flag=N;a24087-Rtd=39.00,a24087-ZsRtd=39.00,a24087-Flag=N;a01014-Rtd=2.53,a01014-ZsRtd=2.53,a01014-Flag=N;a24088-Rtd=37.55,a24088-ZsRtd=37.55,a24088-Flag=N;a00000-Rtd=3434,a00000-ZsRtd=3434,a00000-Flag=N&&8701',
  },
  {
    id: 'C1',
    source: 'chenqi92/alltobs-hj212, README',
    text: '##0109ST=32;CN=2011;PW=123456;MN=NJGDKYYC202101q0001w0001;CP=&&DataTime=20210305003817000;ele01-Rtd=1;ele02-Rtd=0&&8c41',
    oddities: ['lower-case-crc'],
  },
  {
    id: '2025',
    source: 'HJ 212-2025, example A.1, as quoted in Daidai52640/cems-data-pipeline',
    text: '##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200',
  },
];

/** Published with a CRC that is wrong in every way that is known. */
export const wrongPackets: readonly PublishedPacket[] = [
  {
    id: 'A9',
    source: 'public code, codes of HJ/T 212-2005',
    text: '##0249ST=22;CN=2011;PW=123456;MN=JH0201712SD8763;CP=&&DataTime=20180114002828;PM25-Rtd=15.4,PM25-Flag=N;PM10-Rtd=31.7,PM10-Flag=N;TSP-Rtd=75.0,TSP-Flag=N;TEM-Rtd=10,TEM-Flag=N;RH-Rtd=0,RH-Flag=N;WS-Rtd=0,WS-Flag=N;WD-Rtd=0,WD-Flag=N;NOIS-Rtd=46.3,NOIS=N&&4045',
  },
  {
    id: 'B8',
    source: 'public code',
    text: '##0131QN=20200428102058322;ST=31;CN=2081;PW=123456;MN=MYHJ00000000000080011128;Flag=4;CP=&&DataTime=20200428102058;RestartTime=20200428100633&&47c0',
  },
  {
    id: 'B9',
    source: 'public code',
    text: '##0214QN=20200721093700136;ST=22;CN=2011;PW=123456;MN=MYHJ00000000000080011129;Flag=4;CP=&&DataTime=20200721093700;a99054-Rtd=190.000;a01001-Rtd=0.000;a01002-Rtd=0.000;a01006-Rtd=0.000;a01007-Rtd=0.000;a01008-Rtd=0.000&&33EC',
  },
];
