package dev.perfkit.cache;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The steps that Redis takes as one. Every key is declared, and those of one script share a hash
 * tag, so a cluster runs them as well. Wherever a sequence may not exist yet, a candidate for its
 * genesis is given, as scripts must not draw random numbers.
 *
 * <p>{@code state} is a hash: {@code g} genesis, {@code q} sequence, {@code i} id of the last
 * invalidation. The clock is one as well, with the floor {@code f} and, by {@code t:tag}, marks.
 */
final class Script {

  /** A server that does not know sharded channels, or may not be told, publishes to all. */
  private static final String PUBLISH =
      """
      local function publish(how,channel,message)
        if how=='SPUBLISH' and type(redis.pcall(how,channel,message))=='number' then return end
        redis.call('PUBLISH',channel,message)
      end
      """;

  /**
   * Looks a key up and takes the lease if there is nothing. Keys: value, lease, state, freshness
   * tokens. Arguments: most bytes, token or nothing, its milliseconds, beginning of a value that
   * was found dead or nothing, candidate. Returns what happened ({@link Reply}), genesis, sequence
   * and the value, or how long the lease of another lasts; to who may load also the freshness
   * tokens. A lease that somebody waits for gets a {@code +}.
   */
  static final Script ACQUIRE =
      new Script(
          """
      local s=redis.call('HMGET',KEYS[3],'g','q')
      local v=redis.pcall('GETRANGE',KEYS[1],0,ARGV[1])
      local odd=type(v)=='table'
      if odd then v='' end
      if v~='' and (ARGV[4]=='' or string.sub(v,1,#ARGV[4])~=ARGV[4]) then
        return {0,s[1],s[2],v}
      end
      if ARGV[2]=='' then
        if odd then return {5,s[1],s[2]} end
        return {3,s[1],s[2]}
      end
      local f=redis.pcall('LRANGE',KEYS[4],0,-1)
      if f.err then f={} end
      local l=redis.pcall('GET',KEYS[2])
      if type(l)=='string' then
        if #l==16 then redis.call('SET',KEYS[2],l..'+','KEEPTTL') end
        return {2,s[1],s[2],redis.call('PTTL',KEYS[2]),f}
      end
      redis.call('SET',KEYS[2],ARGV[2],'PX',ARGV[3])
      if not s[1] then
        s={ARGV[5],'0'}
        redis.call('HSET',KEYS[3],'g',ARGV[5],'q','0','i','')
      end
      if odd then return {4,s[1],s[2],'',f} end
      return {1,s[1],s[2],'',f}
      """);

  /**
   * Stores a value if the token still holds the lease. Keys: value, lease, state. Arguments: token,
   * value, milliseconds, publishing command, channel, wake-up.
   */
  static final Script FILL =
      new Script(
          PUBLISH
              + """
      local s=redis.call('HMGET',KEYS[3],'g','q')
      local l=redis.pcall('GET',KEYS[2])
      if type(l)~='string' or string.sub(l,1,16)~=ARGV[1] then return {0,s[1],s[2]} end
      redis.call('DEL',KEYS[2])
      redis.call('SET',KEYS[1],ARGV[2],'PX',ARGV[3])
      if #l>16 then publish(ARGV[4],ARGV[5],ARGV[6]) end
      return {1,s[1],s[2]}
      """);

  /**
   * Gives the lease back, and drops the value if told to. Keys: value, lease, state. Arguments:
   * token, 1 to drop, publishing command, channel, wake-up.
   */
  static final Script RELEASE =
      new Script(
          PUBLISH
              + """
      local s=redis.call('HMGET',KEYS[3],'g','q')
      local l=redis.pcall('GET',KEYS[2])
      if type(l)~='string' or string.sub(l,1,16)~=ARGV[1] then return {0,s[1],s[2]} end
      redis.call('DEL',KEYS[2])
      if ARGV[2]=='1' then redis.call('DEL',KEYS[1]) end
      if #l>16 then publish(ARGV[3],ARGV[4],ARGV[5]) end
      return {1,s[1],s[2]}
      """);

  /** Keeps a lease for longer. Keys: lease. Arguments: token, milliseconds. */
  static final Script RENEW =
      new Script(
          """
      local l=redis.pcall('GET',KEYS[1])
      if type(l)~='string' or string.sub(l,1,16)~=ARGV[1] then return 0 end
      return redis.call('PEXPIRE',KEYS[1],ARGV[2])
      """);

  /**
   * Invalidates a key, and takes the lease if told to. Keys: value, lease, state, log, freshness
   * tokens. Arguments: candidate, id, text of the key, length of the log, publishing command,
   * channel, token or nothing, its milliseconds, how many freshness tokens are kept, for how many
   * milliseconds, those that are new.
   */
  static final Script INVALIDATE =
      new Script(
          PUBLISH
              + """
      local g=redis.call('HGET',KEYS[3],'g')
      if not g then
        g=ARGV[1]
        redis.call('HSET',KEYS[3],'g',g,'q','0')
        redis.call('DEL',KEYS[4])
      end
      if #ARGV>10 then
        local f=redis.call('TYPE',KEYS[5]).ok
        if f~='list' then redis.call('DEL',KEYS[5]) end
        for i=11,#ARGV do
          redis.call('LREM',KEYS[5],0,ARGV[i])
          redis.call('RPUSH',KEYS[5],ARGV[i])
        end
        redis.call('LTRIM',KEYS[5],-tonumber(ARGV[9]),-1)
        redis.call('PEXPIRE',KEYS[5],ARGV[10])
      end
      redis.call('DEL',KEYS[1],KEYS[2])
      if ARGV[7]~='' then redis.call('SET',KEYS[2],ARGV[7],'PX',ARGV[8]) end
      local q=string.format('%.0f',redis.call('HINCRBY',KEYS[3],'q',1))
      redis.call('HSET',KEYS[3],'i',ARGV[2])
      local r=q..' '..ARGV[2]..' '..ARGV[3]
      redis.call('RPUSH',KEYS[4],r)
      redis.call('LTRIM',KEYS[4],-tonumber(ARGV[4]),-1)
      publish(ARGV[5],ARGV[6],'i '..g..' '..r)
      return {1,g,q}
      """);

  /**
   * Tells how far the invalidations are, with those that the caller lacks. Keys: state, log.
   * Arguments: candidate, genesis and sequence that the caller knows. Returns genesis, sequence,
   * id, and the log from that sequence on, as far as there is one.
   */
  static final Script SYNC =
      new Script(
          """
      local s=redis.call('HMGET',KEYS[1],'g','q','i')
      if not s[1] then
        redis.call('HSET',KEYS[1],'g',ARGV[1],'q','0','i','')
        redis.call('DEL',KEYS[2])
        return {ARGV[1],'0','',{}}
      end
      local missing=tonumber(s[2])-tonumber(ARGV[3])
      if s[1]~=ARGV[2] or missing<=0 then return {s[1],s[2],s[3] or '',{}} end
      return {s[1],s[2],s[3] or '',redis.call('LRANGE',KEYS[2],-missing-1,-1)}
      """);

  /**
   * Begins another history of a sequence or clock, if it still has that genesis. Keys: state, log.
   * Arguments: genesis, candidate.
   */
  static final Script FORK =
      new Script(
          """
      if redis.call('HGET',KEYS[1],'g')~=ARGV[1] then return 0 end
      redis.call('DEL',KEYS[1],KEYS[2])
      redis.call('HSET',KEYS[1],'g',ARGV[2],'q','0','i','')
      return 1
      """);

  /**
   * Reads the clock, with all marks and the freshness tokens of tags unless the caller knows it
   * all. Keys: clock, tokens. Arguments: candidate, genesis, time and id that the caller knows.
   */
  static final Script CLOCK =
      new Script(
          """
      local s=redis.call('HMGET',KEYS[1],'g','q','i','f')
      if not s[1] then
        redis.call('HSET',KEYS[1],'g',ARGV[1],'q','0','i','','f','0')
        return {ARGV[1],'0','','0',{},{}}
      end
      if s[1]==ARGV[2] and s[2]==ARGV[3] and s[3]==ARGV[4] then
        return {s[1],s[2],s[3],s[4] or '0',{},{}}
      end
      local f=redis.pcall('LRANGE',KEYS[2],0,-1)
      if f.err then f={} end
      return {s[1],s[2],s[3] or '',s[4] or '0',redis.call('HGETALL',KEYS[1]),f}
      """);

  /**
   * Invalidates a tag. Keys: clock, tokens. Arguments: candidate, id, {@code h}ard or {@code s}oft,
   * tag, most marks, publishing command, channel, freshness tokens with tabs between them or
   * nothing, how many such records are kept, for how many milliseconds. A hard mark of all tags
   * raises the floor and makes the other marks superfluous. Of too many marks the older half is
   * pruned, by raising the floor.
   */
  static final Script MARK =
      new Script(
          PUBLISH
              + """
      local c=KEYS[1]
      local g=redis.call('HGET',c,'g')
      if not g then
        g=ARGV[1]
        redis.call('HSET',c,'g',g,'q','0','f','0')
      end
      local n=redis.call('HINCRBY',c,'q',1)
      local q=string.format('%.0f',n)
      if ARGV[4]=='*' and ARGV[3]=='h' then
        redis.call('DEL',c)
        redis.call('HSET',c,'g',g,'q',q,'f',q,'i',ARGV[2])
      else
        local h,s='0','0'
        local old=redis.call('HGET',c,'t:'..ARGV[4])
        if old then h,s=string.match(old,'(%d+) (%d+)') end
        if ARGV[3]=='h' then h=q else s=q end
        redis.call('HSET',c,'t:'..ARGV[4],h..' '..s,'i',ARGV[2])
        if redis.call('HLEN',c)-4>tonumber(ARGV[5]) then
          local all=redis.call('HGETALL',c)
          local marks={}
          for i=1,#all,2 do
            if string.sub(all[i],1,2)=='t:' then
              local a,b=string.match(all[i+1],'(%d+) (%d+)')
              marks[#marks+1]={all[i],math.max(tonumber(a),tonumber(b))}
            end
          end
          table.sort(marks,function(a,b) return a[2]<b[2] end)
          local half=math.floor(#marks/2)
          for i=1,half do redis.call('HDEL',c,marks[i][1]) end
          redis.call('HSET',c,'f',string.format('%.0f',marks[half][2]))
        end
      end
      local m='t '..g..' '..q..' '..ARGV[2]..' '..ARGV[3]..' '..ARGV[4]
      if ARGV[8]~='' then
        local t=redis.call('TYPE',KEYS[2]).ok
        if t~='list' then redis.call('DEL',KEYS[2]) end
        redis.call('RPUSH',KEYS[2],ARGV[8]..' '..ARGV[4])
        redis.call('LTRIM',KEYS[2],-tonumber(ARGV[9]),-1)
        redis.call('PEXPIRE',KEYS[2],ARGV[10])
        m='f '..g..' '..q..' '..ARGV[2]..' '..ARGV[3]..' '..ARGV[8]..' '..ARGV[4]
      end
      publish(ARGV[6],ARGV[7],m)
      return {1,g,q}
      """);

  private final byte[] text;
  private final byte[] digest;

  private Script(String text) {
    this.text = text.getBytes(StandardCharsets.US_ASCII);
    this.digest = HexFormat.of().formatHex(sha1(this.text)).getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the source; not to be changed. */
  byte[] text() {
    return text;
  }

  /** Returns the name under which Redis keeps it; not to be changed. */
  byte[] digest() {
    return digest;
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JDK has SHA-1", impossible);
    }
  }
}
