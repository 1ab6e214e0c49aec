#pragma warning disable
using System.Buffers.Binary;using System.Runtime.InteropServices;using System.Numerics;
namespace Valori.Kernel.Hashing;
public readonly struct Digest : IEquatable<Digest>{ readonly ulong a,b,c,d;
 public static Digest Zero=>default; Digest(ulong A,ulong B,ulong C,ulong D){a=A;b=B;c=C;d=D;}
 public static Digest Read(ReadOnlySpan<byte> s){ if(s.Length!=32) throw new ArgumentException($"a digest has 32 bytes, not {s.Length}"); return MemoryMarshal.Read<Digest>(s);}
 public void CopyTo(Span<byte> s){var t=this;MemoryMarshal.Write(s,in t);} public byte[] ToArray(){var r=new byte[32];CopyTo(r);return r;}
 public override string ToString()=>Convert.ToHexStringLower(ToArray());
 public static bool TryParse(string? t,out Digest d){d=default;if(t==null||t.Length!=64)return false;try{d=Read(Convert.FromHexString(t));return true;}catch{return false;}}
 public bool Equals(Digest o)=>a==o.a&&b==o.b&&c==o.c&&d==o.d; public override bool Equals(object? o)=>o is Digest x&&Equals(x); public override int GetHashCode()=>(int)a;
 public static bool operator==(Digest x,Digest y)=>x.Equals(y);public static bool operator!=(Digest x,Digest y)=>!x.Equals(y);}
public sealed class HashContext{ readonly uint[] key; static readonly uint[] IV={0x6A09E667,0xBB67AE85,0x3C6EF372,0xA54FF53A,0x510E527F,0x9B05688C,0x1F83D9AB,0x5BE0CD19};
 static readonly int[] P={2,6,3,10,7,0,4,13,1,11,12,5,9,14,15,8};
 public HashContext(string c){key=Tree(IV,System.Text.Encoding.UTF8.GetBytes(c),0,32,true);}
 public Digest Hash(ReadOnlySpan<byte> m)=>Digest.Read(MemoryMarshal.AsBytes(Tree(key,m.ToArray(),0,64,true).AsSpan()));
 public Hasher NewHasher()=>new Hasher(this);
 static uint[] Comp(uint[] cv,uint[] m0,ulong ctr,uint len,uint f){var s=new uint[]{cv[0],cv[1],cv[2],cv[3],cv[4],cv[5],cv[6],cv[7],IV[0],IV[1],IV[2],IV[3],(uint)ctr,(uint)(ctr>>32),len,f};var m=(uint[])m0.Clone();
  void g(int a,int b,int c,int d,uint x,uint y){s[a]+=s[b]+x;s[d]=BitOperations.RotateRight(s[d]^s[a],16);s[c]+=s[d];s[b]=BitOperations.RotateRight(s[b]^s[c],12);s[a]+=s[b]+y;s[d]=BitOperations.RotateRight(s[d]^s[a],8);s[c]+=s[d];s[b]=BitOperations.RotateRight(s[b]^s[c],7);}
  for(int r=0;r<7;r++){g(0,4,8,12,m[0],m[1]);g(1,5,9,13,m[2],m[3]);g(2,6,10,14,m[4],m[5]);g(3,7,11,15,m[6],m[7]);g(0,5,10,15,m[8],m[9]);g(1,6,11,12,m[10],m[11]);g(2,7,8,13,m[12],m[13]);g(3,4,9,14,m[14],m[15]);var n=new uint[16];for(int i=0;i<16;i++)n[i]=m[P[i]];m=n;}
  var o=new uint[8];for(int i=0;i<8;i++)o[i]=s[i]^s[i+8];return o;}
 static uint[] Words(ReadOnlySpan<byte> b){var t=new byte[64];b.CopyTo(t);var w=new uint[16];for(int i=0;i<16;i++)w[i]=BinaryPrimitives.ReadUInt32LittleEndian(t.AsSpan(4*i));return w;}
 static uint[] Tree(uint[] key,ReadOnlySpan<byte> d,ulong first,uint f,bool root){int chunks=Math.Max(1,(d.Length+1023)/1024);if(chunks==1){var cv=key;int n=Math.Max(1,(d.Length+63)/64);for(int i=0;i<n;i++){var b=d.Slice(i*64,Math.Min(64,d.Length-i*64));uint fl=f|(i==0?1u:0)|(i==n-1?2u|(root?8u:0):0);cv=Comp(cv,Words(b),first,(uint)b.Length,fl);}return cv;}
  int left=1<<(BitOperations.Log2((uint)(chunks-1)));var l=Tree(key,d[..(left*1024)],first,f,false);var r=Tree(key,d[(left*1024)..],first+(ulong)left,f,false);var w=new uint[16];l.CopyTo(w,0);r.CopyTo(w,8);return Comp(key,w,0,64,f|4|(root?8u:0));}
}
public struct Hasher{ readonly HashContext c; readonly MemoryStream ms; internal Hasher(HashContext x){c=x;ms=new();} public void Update(ReadOnlySpan<byte> b)=>ms.Write(b); public Digest Finalize()=>c.Hash(ms.ToArray()); }
