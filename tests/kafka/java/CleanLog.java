import java.io.File;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Lets Kafka's own cleaner loose on a partition's folder, a round for each time that is given, and
 * prints after each round up to where the log is clean.
 */
public final class CleanLog {
    public static void main(String[] args) throws Exception {
        File folder = new File(args[0]);
        Properties properties = new Properties();
        properties.setProperty("cleanup.policy", "compact");
        properties.setProperty("internal.segment.bytes", args[1]);
        properties.setProperty("delete.retention.ms", args[2]);
        properties.setProperty("file.delete.delay.ms", "0");
        LogConfig config = new LogConfig(properties);
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        UnifiedLog log = UnifiedLog.create(folder, config, 0L, Long.MAX_VALUE, scheduler,
            new BrokerTopicStats(), Time.SYSTEM, 900_000,
            new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000,
            new LogDirFailureChannel(1), true, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        Throttler throttler =
            new Throttler(Double.MAX_VALUE, 300, "cleaner", "bytes", Time.SYSTEM);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(Integer.parseInt(args[3])), 65_536,
            65_536, 0.9, throttler, Time.SYSTEM, partition -> { });
        long clean = 0;
        for (String time : args[4].split(",")) {
            long now = Long.parseLong(time);
            long end = Math.min(log.lastStableOffset(), log.activeSegment().baseOffset());
            clean = cleaner.doClean(new LogToClean(log, clean, end, false), now).getKey();
            System.out.println("clean up to " + clean);
        }
        log.close();
        scheduler.shutdown();
    }
}
