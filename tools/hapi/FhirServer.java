import ca.uhn.fhir.batch2.api.IJobMaintenanceService;
import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.batch2.jobs.export.BulkDataExportProvider;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binary.api.IBinaryStorageSvc;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.subscription.match.config.SubscriptionProcessorConfig;
import ca.uhn.fhir.jpa.subscription.match.deliver.email.IEmailSender;
import ca.uhn.fhir.jpa.subscription.submit.config.SubscriptionSubmitterConfig;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.util.Properties;
import javax.sql.DataSource;
import org.apache.catalina.startup.Tomcat;
import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/**
 * A FHIR R4 server for tests: HAPI FHIR's JPA server with a database in memory, on loopback, at {@code /fhir}, with Bulk Data export.
 * It prints {@code PORT n} once it answers there, and ends when its standard input does, therefore also when who started it is killed.
 *
 * <p>Arguments: a folder for what Tomcat writes.
 */
public class FhirServer {
  @Configuration
  @Import({
    JpaR4Config.class,
    JpaBatch2Config.class,
    Batch2JobsConfig.class,
    ThreadPoolFactoryConfig.class,
    SubscriptionSubmitterConfig.class,
    SubscriptionProcessorConfig.class,
    SubscriptionChannelConfig.class
  })
  public static class Config {
    @Bean
    JpaStorageSettings storageSettings() {
      var settings = new JpaStorageSettings();
      settings.setAllowExternalReferences(true);
      settings.setHibernateSearchIndexFullText(false);
      settings.setResourceClientIdStrategy(JpaStorageSettings.ClientIdStrategyEnum.ANY);
      return settings;
    }

    @Bean
    SubscriptionSettings subscriptionSettings() {
      return new SubscriptionSettings();
    }

    @Bean
    PartitionSettings partitionSettings() {
      return new PartitionSettings();
    }

    @Bean
    DataSource dataSource() {
      return JdbcConnectionPool.create("jdbc:h2:mem:fhir;DB_CLOSE_DELAY=-1", "sa", "");
    }

    @Bean
    IEmailSender emailSender() {
      return details -> {};
    }

    @Bean
    IBinaryStorageSvc binaryStorageSvc() {
      return new DatabaseBinaryContentStorageSvcImpl();
    }

    @Bean
    DatabaseBackedPagingProvider pagingProvider() {
      return new DatabaseBackedPagingProvider();
    }

    @Bean
    IResourceSupportedSvc resourceSupportedSvc(IDaoRegistry registry) {
      return new DaoRegistryResourceSupportedSvc(registry);
    }

    @Bean(name = "myResourceCountsCache")
    ResourceCountCache resourceCountsCache(IFhirSystemDao<?, ?> dao) {
      return ResourceCountCacheUtil.newResourceCountCache(dao);
    }

    @Primary
    @Bean
    LocalContainerEntityManagerFactoryBean entityManagerFactory(
        DataSource source, ConfigurableListableBeanFactory beans, FhirContext fhir, JpaStorageSettings settings) {
      var factory = HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, fhir, settings);
      factory.setPersistenceUnitName("HAPI_PU");
      factory.setDataSource(source);
      var properties = new Properties();
      properties.put("hibernate.dialect", "ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect");
      properties.put("hibernate.hbm2ddl.auto", "update");
      properties.put("hibernate.search.enabled", "false");
      properties.put("hibernate.cache.use_query_cache", "false");
      properties.put("hibernate.cache.use_second_level_cache", "false");
      factory.setJpaProperties(properties);
      return factory;
    }

    @Primary
    @Bean
    JpaTransactionManager transactionManager(EntityManagerFactory factory) {
      var manager = new JpaTransactionManager();
      manager.setEntityManagerFactory(factory);
      return manager;
    }

    @Bean
    RestfulServer restfulServer(
        IFhirSystemDao<?, ?> dao,
        ResourceProviderFactory providers,
        IJpaSystemProvider system,
        BulkDataExportProvider export,
        JpaStorageSettings settings,
        ISearchParamRegistry parameters,
        IValidationSupport validation,
        DatabaseBackedPagingProvider paging) {
      var server = new RestfulServer(dao.getContext());
      server.registerProviders(providers.createProviders());
      server.registerProvider(system);
      server.registerProvider(export);
      server.setServerConformanceProvider(
          new JpaCapabilityStatementProvider(server, dao, settings, parameters, validation));
      server.setPagingProvider(paging);
      return server;
    }
  }

  public static void main(String[] arguments) throws Exception {
    var context = new AnnotationConfigWebApplicationContext();
    context.register(Config.class);
    var tomcat = new Tomcat();
    tomcat.setBaseDir(arguments[0]);
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var web = tomcat.addContext("", null);
    context.setServletContext(web.getServletContext());
    context.refresh();
    Tomcat.addServlet(web, "fhir", context.getBean(RestfulServer.class)).setLoadOnStartup(1);
    web.addServletMappingDecoded("/fhir/*", "fhir");
    tomcat.start();

    // HAPI takes each step of an export when its maintenance passes, which is once a minute by itself.
    var maintenance = context.getBean(IJobMaintenanceService.class);
    var passes =
        new Thread(
            () -> {
              for (; ; ) {
                try {
                  Thread.sleep(500);
                  maintenance.runMaintenancePass();
                } catch (InterruptedException end) {
                  return;
                } catch (RuntimeException failed) {
                  // The next pass takes it.
                }
              }
            });
    passes.setDaemon(true);
    passes.start();

    System.out.println("PORT " + tomcat.getConnector().getLocalPort());
    while (System.in.read() != -1) {}
    Runtime.getRuntime().halt(0);
  }
}
